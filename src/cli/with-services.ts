import { NestFactory } from '@nestjs/core';
import { Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { CommonModule } from '../common/index.js';
import { ConfigModule, type Settings } from '../config/index.js';

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
  const imports = [ConfigModule.with(settings), CommonModule, ...modules];
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
