import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { migrationRunner } from '../operations/index.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { print } from './output.js';

@Command({
  name: 'db:repair',
  description: 'After the reason is cured: lets the next db:migrate go on at the statement that failed or was cut off.',
})
export class DbRepairCommand extends DatabaseCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: DatabaseOptions): Promise<void> {
    for (const name of this.chosen(options)) {
      const repaired = await migrationRunner(name, this.settings).repair();
      const { database } = this.settings.mysql[name];
      print(`${database}: ${repaired === 0 ? 'nothing to repair' : `may go on: ${repaired}; run db:migrate`}`);
    }
  }
}
