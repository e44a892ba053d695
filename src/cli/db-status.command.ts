import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { databaseStatus, type DatabaseStatus } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { formatBytes, print, printTable } from './output.js';

@Command({
  name: 'db:status',
  description: 'Shows connection, server, tables, rows (estimated) and sizes; exit code 1 where something is wrong.',
})
export class DbStatusCommand extends DatabaseCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: DatabaseOptions): Promise<void> {
    let problems = 0;
    for (const name of this.chosen(options)) {
      const status = await databaseStatus(name, this.settings);
      show(status);
      problems += status.problems.length;
    }
    if (problems > 0) throw new CommandFailedError(`Problems found: ${problems}.`);
  }
}

function show({ database, username, server, tables, pendingMigrations, problems }: DatabaseStatus): void {
  print(`${database} as ${username}: ${server ? `connected, server ${server}` : 'not reached'}`);
  if (server) {
    const sizeBytes = tables.reduce((sum, table) => sum + table.sizeBytes, 0);
    print(`${tables.length} tables, ${formatBytes(sizeBytes)}, migrations pending: ${pendingMigrations}`);
    printTable(
      ['table', 'rows (about)', 'size'],
      tables.map((table) => [table.name, table.rows, formatBytes(table.sizeBytes)]),
    );
  }
  for (const problem of problems) print(`PROBLEM ${problem}`);
  print();
}
