import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';
import { createLogger } from '../src/common/index.js';
import type { Settings } from '../src/config/index.js';

/** The program's services in this process, with none of its loops running. */
export async function openServices(settings: Settings): Promise<INestApplicationContext> {
  const quiet: Settings = {
    ...settings,
    server: { ...settings.server, roles: ['jobs'] },
    jobs: { ...settings.jobs, enabled: false },
  };
  const module = AppModule.with(quiet, createLogger(quiet.log));
  const services = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  return services.init();
}
