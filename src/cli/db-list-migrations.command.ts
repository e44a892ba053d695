import { Command } from 'nest-commander';
import { MIGRATIONS } from '../../ormconfig/four-databases.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { printTable } from './output.js';

@Command({ name: 'db:list-migrations', description: 'Lists the migrations of this release; needs no server.' })
export class DbListMigrationsCommand extends DatabaseCommand {
  run(_: string[], options: DatabaseOptions): Promise<void> {
    printTable(
      ['database', 'version', 'name', 'steps', 'description'],
      this.chosen(options).flatMap((database) =>
        MIGRATIONS[database].map(({ version, name, description, steps }) => [
          database,
          version,
          name,
          steps().length,
          description,
        ]),
      ),
    );
    return Promise.resolve();
  }
}
