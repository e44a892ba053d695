import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { SETTINGS, withSecrets, type Settings } from '../config/index.js';
import { initialiseDatabases } from '../operations/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';

@Command({
  name: 'db:init',
  description: 'Makes the four databases, their users and rights, all tables and the first data; safe to run again.',
})
export class DbInitCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], { adminDsn }: { adminDsn?: string }): Promise<void> {
    if (!adminDsn)
      throw new CommandFailedError(
        'DB_ADMIN_DSN holds nothing: put an administrator of the database server there, mysql://user:password@host:3306/ ' +
          'or mysql://root@localhost/?socketPath=/run/mysqld/mysqld.sock.',
      );
    await initialiseDatabases({ settings: withSecrets(this.settings), adminDsn, report: print });
  }

  // A password does not belong on a command line; the option is there so that --help names the variable.
  @Option({ flags: '--admin-dsn <dsn>', env: 'DB_ADMIN_DSN', description: 'an administrator of the server' })
  parseAdminDsn(dsn: string): string {
    return dsn;
  }
}
