import { Test } from '@nestjs/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { Clock, CommonModule, createLogger } from '../../../src/common/index.js';
import { ConfigModule, type Settings } from '../../../src/config/index.js';
import {
  ClientModule,
  ClientUsersService,
  ClientWorkflowsService,
  type CurrentClient,
} from '../../../src/client/index.js';
import { type Database, databaseToken } from '../../../src/database/index.js';
import { LiveModule, Signals } from '../../../src/live/index.js';
import type { PublishedWorkflow } from '../../../src/shared/index.js';
import { StorageModule } from '../../../src/storage/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { startScratchServer } from '../../support/scratch-server.js';
import { TestClock } from '../../support/test-clock.js';

export interface OpenClient {
  services: INestApplicationContext;
  database: Database;
  clock: TestClock;
  settings: Settings;
  /** Signals that were emitted, in order. */
  signals: string[];
  makeUser(quota?: number): Promise<CurrentClient>;
  close(): Promise<void>;
}

/** The client module on a real database of its own; nothing relays, and time is the test's. */
export async function openClient(): Promise<OpenClient> {
  const server = await startScratchServer();
  const clock = new TestClock();
  const logger = createLogger({ level: 'silent', pretty: false });
  const services = await Test.createTestingModule({
    imports: [ConfigModule.with(server.settings), CommonModule.with(logger), LiveModule, StorageModule, ClientModule],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  await services.init();
  const signals: string[] = [];
  services.get(Signals).on('client.outbox', () => signals.push('client.outbox'));
  let users = 0;
  return {
    services,
    database: services.get<Database>(databaseToken('client'), { strict: false }),
    clock,
    settings: server.settings,
    signals,
    makeUser: async (quota) => {
      const username = `user${(users += 1)}`;
      const made = await services.get(ClientUsersService).create({ username, password: 'correct horse', quota });
      return { clientId: made.clientId, username, timeZone: 'UTC', sessionId: 'none' };
    },
    close: async () => {
      await services.close();
      await server.stop();
    },
  };
}

/** Stores a workflow as the relay would. */
export async function publishWorkflow(
  client: OpenClient,
  given: Partial<PublishedWorkflow> = {},
): Promise<PublishedWorkflow> {
  const workflow = makePublishedWorkflow(given);
  await client.services.get(ClientWorkflowsService).storeVersions([workflow]);
  return workflow;
}
