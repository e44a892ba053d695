import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { createLogger } from '../../src/common/index.js';
import type { ScratchServer } from './scratch-server.js';
import type { SettingsTree } from './scratch-templates.js';

/** The application's services on a scratch server, with none of its loops running: a test moves things by hand. */
export async function startServices(
  server: ScratchServer,
  overrides: SettingsTree = {},
): Promise<INestApplicationContext> {
  const settings = server.settingsWith({ ...overrides, server: { roles: ['jobs'] }, jobs: { enabled: false } });
  const app = await NestFactory.createApplicationContext(AppModule.with(settings, createLogger(settings.log)), {
    logger: false,
    abortOnError: false,
  });
  return app.init();
}
