import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import type { DatabaseName } from '../database/index.js';
import { checkDrift, compareWithShadow } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';
import { NO_SHADOW, ShadowCommand, type ShadowOptions } from './shadow.command.js';

@Command({
  name: 'db:drift',
  description: 'Compares the tables with what the migrations make and the entities say; exit code 1 where they differ.',
})
export class DbDriftCommand extends ShadowCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: ShadowOptions): Promise<void> {
    let differences = 0;
    for (const name of this.chosen(options)) {
      if (options.shadow) differences += await this.compareWithMigrations(name, options.shadow);
      differences += await this.compareWithEntities(name);
    }
    if (!options.shadow) print(`The comparison with the migrations was skipped: ${NO_SHADOW}`);
    if (differences > 0)
      throw new CommandFailedError(`Differences found: ${differences}. Write a migration, or mend tables or entities.`);
  }

  private async compareWithMigrations(name: DatabaseName, shadowDsn: string): Promise<number> {
    const { settings } = this;
    const { differences, notes } = await compareWithShadow({ name, settings, shadowDsn });
    const { database } = settings.mysql[name];
    print(`${database}: ${differences.length === 0 ? 'as the migrations make it' : 'differs from the migrations'}`);
    for (const line of [...notes, ...differences]) print(`  ${line}`);
    return differences.length;
  }

  private async compareWithEntities(name: DatabaseName): Promise<number> {
    const statements = await checkDrift(name, this.settings);
    const { database } = this.settings.mysql[name];
    print(`${database}: ${statements.length === 0 ? 'as the entities say' : 'differs from the entities; they need'}`);
    for (const statement of statements) print(`  ${statement}`);
    return statements.length;
  }
}
