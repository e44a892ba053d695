import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { migrationRunner } from '../operations/index.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { print } from './output.js';

@Command({
  name: 'db:migrate',
  description: 'Runs the migrations that are pending, and stops at the first that fails.',
})
export class DbMigrateCommand extends DatabaseCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: DatabaseOptions & { outOfOrder?: boolean }): Promise<void> {
    for (const name of this.chosen(options)) {
      const { database } = this.settings.mysql[name];
      const ran = await migrationRunner(name, this.settings).migrate({
        outOfOrder: options.outOfOrder,
        report: ({ version, name, step, steps }) => print(`${database}: ${version} ${name}, step ${step} of ${steps}`),
      });
      print(`${database}: ${ran.length === 0 ? 'nothing is pending' : `migrations run: ${ran.length}`}`);
    }
  }

  @Option({ flags: '--out-of-order', description: 'run those too that are older than what has already run' })
  parseOutOfOrder(): boolean {
    return true;
  }
}
