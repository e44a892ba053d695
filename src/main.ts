import 'reflect-metadata';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, NodesService, WorkflowsService } from './admin/index.js';
import { AppModule } from './app.module.js';
import { ClientUsersService, ClientWorkflowsService } from './client/index.js';
import { armKillPoint, createLogger, NestLoggerAdapter } from './common/index.js';
import { loadSettings, SettingsError, withSecrets, type Settings } from './config/index.js';
import { configureApp, createAdapter } from './configure-app.js';
import { Readiness } from './sight/index.js';

/** Longer than the relay ever takes by itself; another process may hold its lease for the time-to-live. */
const COPIES_WITHIN_MS = 15_000;

export interface RunningApplication {
  url: string;
  close(): Promise<void>;
  createClientUserIfAbsent(username: string, password: string): Promise<boolean>;
  createAdminIfAbsent(username: string, password: string): Promise<boolean>;
  countNodes(): Promise<number>;
  /** Adds the node, or gives a known one its new address. */
  registerNode(node: { nodeId: string; name: string; url: string; maxConcurrent: number }): Promise<void>;
}

/** Starts the program in this process, and hands out what a launcher needs of it. */
export async function startApplication(settings: Settings): Promise<RunningApplication> {
  const logger = createLogger(settings.log);
  armKillPoint(settings.testing.killAt);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, logger),
    createAdapter(settings, logger),
    {
      logger: new NestLoggerAdapter(logger),
      abortOnError: false,
    },
  );
  try {
    await configureApp(app, settings, logger);
    await app.init();
    await bringIn(app, settings);
    if (settings.server.roles.includes('api')) await app.listen(settings.server.port, settings.server.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const nodes = app.get(NodesService);
  return {
    url: settings.server.publicUrl || addressOf(app, settings),
    close: () => drainAndClose(app, settings),
    createClientUserIfAbsent: async (username, password) =>
      (await app.get(ClientUsersService).createIfAbsent({ username, password })) !== undefined,
    createAdminIfAbsent: async (username, password) =>
      (await app.get(AdminUsersService).createIfAbsent({ username, password, role: 'super_admin' })) !== undefined,
    countNodes: () => nodes.count(),
    registerNode: async (node) => void (await nodes.register(node)),
  };
}

/** Says that it is not ready before anything stops, and for so long that whoever sends requests here notices. */
async function drainAndClose(app: NestFastifyApplication, { server }: Settings): Promise<void> {
  app.get(Readiness, { strict: false }).drain();
  if (server.drainMs > 0) await setTimeout(server.drainMs);
  await app.close();
}

/** Workflows and nodes that the settings name and the databases do not have yet. */
async function bringIn(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const { taskTypes, nodes } = settings;
  const { published } = await app.get(WorkflowsService).importFromSettings(taskTypes, { publishChanged: false });
  if (settings.server.roles.includes('sync'))
    await waitForCopies(
      app,
      published.map(({ name }) => name),
    );
  for (const url of nodes.register) await app.get(NodesService).addIfAbsent(url);
}

/** Until the relay has brought new workflows to the client's side: the first task must not find none. */
async function waitForCopies(app: NestFastifyApplication, names: string[]): Promise<void> {
  const copies = app.get(ClientWorkflowsService);
  const giveUpAtMs = performance.now() + COPIES_WITHIN_MS;
  for (const name of names) {
    while (!(await copies.findCurrent(name)) && performance.now() < giveUpAtMs) await setTimeout(20);
  }
}

function addressOf(app: NestFastifyApplication, { server }: Settings): string {
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address ? address.port : server.port;
  const host = ['0.0.0.0', '::'].includes(server.host) ? '127.0.0.1' : server.host;
  return `http://${host}:${port}`;
}

/** The program alone, on databases that exist: how containers and further processes run it. */
async function main(): Promise<void> {
  const settings = withSecrets(loadSettings({ environment: env }));
  const app = await startApplication(settings);
  process.stdout.write(settings.server.roles.includes('api') ? `listening on ${app.url}\n` : 'working\n');
  let isClosing = false;
  const close = () => {
    if (isClosing) process.exit(1);
    isClosing = true;
    void app.close().then(() => process.exit(0));
  };
  process.on('SIGINT', close).on('SIGTERM', close);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
    process.exit(1);
  });
}
