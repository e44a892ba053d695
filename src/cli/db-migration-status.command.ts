import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import type { MigrationStatus } from '../database/index.js';
import { migrationRunner } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { print, printTable } from './output.js';

const WRONG = ['failed', 'running', 'edited', 'unknown'];

@Command({
  name: 'db:migration-status',
  description: 'Shows which migrations ran on each database, and which did not.',
})
export class DbMigrationStatusCommand extends DatabaseCommand {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: DatabaseOptions): Promise<void> {
    const all: MigrationStatus[] = [];
    for (const name of this.chosen(options)) {
      const statuses = await migrationRunner(name, this.settings).status();
      print(`${this.settings.mysql[name].database}`);
      printTable(
        ['version', 'name', 'state', 'steps', 'finished'],
        statuses.map(({ version, name, state, step, steps, finishedAt }) => [
          version,
          name,
          state,
          `${step}/${steps}`,
          finishedAt?.toISOString() ?? '',
        ]),
      );
      for (const { version, error } of statuses) if (error) print(`${version}: ${error}`);
      print();
      all.push(...statuses);
    }
    const wrong = all.filter(({ state }) => WRONG.includes(state));
    if (wrong.length > 0)
      throw new CommandFailedError(
        `Not in order: ${wrong.map(({ version, state }) => `${version} (${state})`).join(', ')}.`,
      );
  }
}
