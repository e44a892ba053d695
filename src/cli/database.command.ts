import { CommandRunner, Option } from 'nest-commander';
import { InvalidInputError } from '../common/index.js';
import { DATABASE_NAMES, type DatabaseName } from '../database/index.js';

export interface DatabaseOptions {
  database?: DatabaseName;
}

/** A command about the four databases, or about the one named by `--database`. */
export abstract class DatabaseCommand extends CommandRunner {
  @Option({ flags: '--database <name>', description: `one of ${DATABASE_NAMES.join(', ')}` })
  parseDatabase(name: string): DatabaseName {
    const known = DATABASE_NAMES.find((each) => each === name);
    if (known) return known;
    const message = `--database holds ${JSON.stringify(name)}; it may hold ${DATABASE_NAMES.join(', ')}.`;
    throw new InvalidInputError([{ field: 'database', message }]);
  }

  protected chosen({ database }: DatabaseOptions): readonly DatabaseName[] {
    return database ? [database] : DATABASE_NAMES;
  }
}
