import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { createLogger } from '../../src/common/index.js';
import { configureApp, createAdapter } from '../../src/configure-app.js';
import type { ScratchServer } from './scratch-server.js';
import type { SettingsTree } from './scratch-templates.js';

/** The application's routes on a free port of this machine; nothing relays, schedules or runs. */
export async function startApi(
  server: ScratchServer,
  overrides: SettingsTree = {},
): Promise<{ app: NestFastifyApplication; url: string }> {
  const settings = server.settingsWith({ server: { roles: ['api'] }, ...overrides });
  const logger = createLogger(settings.log);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, logger),
    createAdapter(settings, logger),
    { logger: false, abortOnError: false },
  );
  await configureApp(app, settings, logger);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
