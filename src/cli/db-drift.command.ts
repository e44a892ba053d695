import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { checkDrift } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { print } from './output.js';

@Command({ name: 'db:drift', description: 'Compares the tables with the entities; exit code 1 where they differ.' })
export class DbDriftCommand extends DatabaseCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: DatabaseOptions): Promise<void> {
    let differences = 0;
    for (const name of this.chosen(options)) {
      const statements = await checkDrift(name, this.settings);
      print(`${this.settings.mysql[name].database}: ${statements.length === 0 ? 'as the entities say' : 'differs'}`);
      for (const statement of statements) print(`  ${statement}`);
      differences += statements.length;
    }
    if (differences > 0)
      throw new CommandFailedError(`Statements needed: ${differences}. Write a migration, or mend the entities.`);
  }
}
