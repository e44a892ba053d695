import { Option } from 'nest-commander';
import { DatabaseCommand, type DatabaseOptions } from './database.command.js';

export interface ShadowOptions extends DatabaseOptions {
  shadow?: string;
}

/** How to have a shadow, for commands that go on without one. */
export const NO_SHADOW =
  'DB_ADMIN_DSN holds nothing, so no temporary databases could be made. Put an administrator of a server of the same ' +
  'kind there, mysql://user:password@host:3306/, or give it by --shadow.';

/** A command that can try migrations in temporary databases, which an administrator's address makes possible. */
export abstract class ShadowCommand extends DatabaseCommand {
  @Option({
    flags: '--shadow <dsn>',
    env: 'DB_ADMIN_DSN',
    description: 'an administrator of the server that lends temporary databases',
  })
  parseShadow(dsn: string): string {
    return dsn;
  }
}
