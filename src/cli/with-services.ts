import { NestFactory } from '@nestjs/core';
import { Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { CommonModule, createLogger } from '../common/index.js';
import { ConfigModule, type Settings } from '../config/index.js';
import { LiveModule } from '../live/index.js';
import { StorageModule } from '../storage/index.js';

/** The root of a context that holds the modules a command asked for. */
@Module({})
class CommandServicesModule {}

/**
 * Opens the modules whose services a command needs, hands them to `work`, and closes them again. Commands do not
 * import modules statically: `db:init` must run where no database is there yet.
 */
export async function withServices<T>(
  settings: Settings,
  modules: (Type | DynamicModule)[],
  work: (services: INestApplicationContext) => Promise<T>,
): Promise<T> {
  // Only errors are logged: what a command has to say, it prints.
  const common = CommonModule.with(createLogger({ ...settings.log, level: 'error' }));
  // A command does what it was told, and none of the service's own work: no task is taken up beside it.
  const own = { ...settings, server: { ...settings.server, roles: [] } };
  const imports = [ConfigModule.with(own), common, LiveModule, StorageModule, ...modules];
  const services = await NestFactory.createApplicationContext(
    { module: CommandServicesModule, imports },
    { logger: false, abortOnError: false },
  );
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
