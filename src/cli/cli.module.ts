import { Module, type DynamicModule, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { Command } from 'commander';
import { InjectCommander } from 'nest-commander';
import { Clock } from '../common/index.js';
import { ConfigModule, type Settings } from '../config/index.js';
import { DbCreateMigrationCommand } from './db-create-migration.command.js';
import { DbDriftCommand } from './db-drift.command.js';
import { DbInitCommand } from './db-init.command.js';
import { DbListMigrationsCommand } from './db-list-migrations.command.js';
import { DbMigrateCommand } from './db-migrate.command.js';
import { DbMigrationStatusCommand } from './db-migration-status.command.js';
import { DbRepairCommand } from './db-repair.command.js';
import { DbStatusCommand } from './db-status.command.js';
import { AdminListCommand } from './admin-list.command.js';
import { AdminResetPasswordCommand } from './admin-reset-password.command.js';
import { AdminResetTotpCommand } from './admin-reset-totp.command.js';
import { AdminCreateCommand } from './admin-create.command.js';
import { FlamesImportDatasetCommand } from './flames-import-dataset.command.js';
import { FlamesMigrateFilesCommand } from './flames-migrate-files.command.js';
import { FlamesRunCommand } from './flames-run.command.js';
import { JobsListCommand } from './jobs-list.command.js';
import { JobsRunCommand } from './jobs-run.command.js';
import { NodesAddCommand } from './nodes-add.command.js';
import { NodesCheckCommand } from './nodes-check.command.js';
import { NodesRemoveCommand } from './nodes-remove.command.js';
import { NodesTokenCommand } from './nodes-token.command.js';
import { NodesListCommand } from './nodes-list.command.js';
import { UsersCreateCommand } from './users-create.command.js';
import { WorkflowsImportCommand } from './workflows-import.command.js';

/** Every command, one a file. One that needs services of the application opens them by `withServices`. */
const COMMANDS: Provider[] = [
  DbInitCommand,
  DbMigrateCommand,
  DbMigrationStatusCommand,
  DbStatusCommand,
  DbCreateMigrationCommand,
  DbListMigrationsCommand,
  DbRepairCommand,
  DbDriftCommand,
  UsersCreateCommand,
  AdminCreateCommand,
  AdminListCommand,
  AdminResetPasswordCommand,
  AdminResetTotpCommand,
  NodesAddCommand,
  NodesListCommand,
  NodesRemoveCommand,
  NodesCheckCommand,
  NodesTokenCommand,
  WorkflowsImportCommand,
  FlamesImportDatasetCommand,
  FlamesMigrateFilesCommand,
  FlamesRunCommand,
  JobsListCommand,
  JobsRunCommand,
];

/** The command line: the settings and the commands, nothing that opens a connection by itself. */
@Module({})
export class CliModule implements OnApplicationBootstrap {
  static with(settings: Settings): DynamicModule {
    return { module: CliModule, imports: [ConfigModule.with(settings)], providers: [Clock, ...COMMANDS] };
  }

  constructor(@InjectCommander() private readonly program: Command) {}

  /** Makes --help and wrong options come back as errors instead of ending the process in mid-air. */
  onApplicationBootstrap(): void {
    for (const command of [this.program, ...this.program.commands]) command.exitOverride().allowExcessArguments(false);
  }
}
