import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { Clock, InvalidInputError } from '../common/index.js';
import { createMigration } from '../operations/index.js';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';
import { print } from './output.js';

@Command({
  name: 'db:create-migration',
  arguments: '<name>',
  argsDescription: { name: 'what it does, in kebab-case: add-task-notes' },
  description: 'Writes an empty migration into the source and adds it to the list of its database.',
})
export class DbCreateMigrationCommand extends DatabaseCommand {
  constructor(@Inject(Clock) private readonly clock: Clock) {
    super();
  }

  run([name = '']: string[], { database, description }: DatabaseOptions & { description?: string }): Promise<void> {
    if (!database) {
      const message = 'Say which database: --database client, admin, shared or flames.';
      throw new InvalidInputError([{ field: 'database', message }]);
    }
    const files = createMigration({ database, name, description, today: this.clock.now() });
    for (const file of files) print(`wrote ${file}`);
    return Promise.resolve();
  }

  @Option({ flags: '--description <sentence>', description: 'what it changes, for the lists' })
  parseDescription(description: string): string {
    return description;
  }
}
