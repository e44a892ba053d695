import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import type { DatabaseName } from '../database/index.js';
import { migrationRunner, planMigrationRun, rehearseMigrations } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';
import { NO_SHADOW, ShadowCommand, type ShadowOptions } from './shadow.command.js';

interface MigrateOptions extends ShadowOptions {
  outOfOrder?: boolean;
  plan?: boolean;
}

@Command({
  name: 'db:migrate',
  description: 'Runs the migrations that are pending, and stops at the first that fails.',
})
export class DbMigrateCommand extends ShadowCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: MigrateOptions): Promise<void> {
    if (options.plan) return this.plan(options);
    for (const name of this.chosen(options)) {
      const { database } = this.settings.mysql[name];
      const ran = await migrationRunner(name, this.settings).migrate({
        outOfOrder: options.outOfOrder,
        report: ({ version, name, step, steps }) => print(`${database}: ${version} ${name}, step ${step} of ${steps}`),
      });
      print(`${database}: ${ran.length === 0 ? 'nothing is pending' : `migrations run: ${ran.length}`}`);
    }
  }

  private async plan(options: MigrateOptions): Promise<void> {
    let failures = 0;
    for (const name of this.chosen(options)) failures += await this.planOne(name, options);
    if (!options.shadow) print(`Nothing was tried: ${NO_SHADOW}`);
    if (failures > 0)
      throw new CommandFailedError(`Databases whose migrations would fail: ${failures}. Nothing was changed.`);
  }

  private async planOne(name: DatabaseName, { outOfOrder, shadow }: MigrateOptions): Promise<number> {
    const { settings } = this;
    const { database } = settings.mysql[name];
    const pending = await planMigrationRun({ name, settings, outOfOrder });
    for (const { version, name, step, steps, statement } of pending)
      print(`${database}: ${version} ${name}, step ${step} of ${steps}\n${statement};\n`);
    print(`${database}: ${pending.length === 0 ? 'nothing is pending' : `statements pending: ${pending.length}`}`);
    if (!shadow || pending.length === 0) return 0;
    const failure = await rehearseMigrations({ name, settings, outOfOrder, shadowDsn: shadow });
    if (!failure) print(`${database}: all of them ran on a shadow of it`);
    else print(`${database}: ${failure.statement.version}, step ${failure.statement.step} fails: ${failure.error}`);
    return failure ? 1 : 0;
  }

  @Option({ flags: '--out-of-order', description: 'run those too that are older than what has already run' })
  parseOutOfOrder(): boolean {
    return true;
  }

  @Option({ flags: '--plan', description: 'show what would run, and try it in temporary databases; change nothing' })
  parsePlan(): boolean {
    return true;
  }
}
