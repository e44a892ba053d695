import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { ClientWorkflowsService, TaskStatesService } from '../../../src/client/index.js';
import {
  databaseToken,
  type OutboxReader,
  outboxToken,
  writeOutbox,
  type Database,
  type DatabaseName,
} from '../../../src/database/index.js';
import { OutboxRetentionJob } from '../../../src/jobs/outbox-retention.job.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import type { Step } from '../../support/converge/history.js';
import { relayAll } from '../../support/converge/relays.js';
import { TwoSides } from '../../support/converge/two-sides.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const SUBMIT: Step = { do: 'submit', task: 0 };
const CLAIM: Step = { do: 'claim', task: 0 };
const COMPLETE: Step = { do: 'complete', task: 0, pick: 0, files: 1 };
const RELOAD: Step = { do: 'reload', task: 0 };
const DAY_MS = 86_400_000;

describe('retention of outboxes (real: MariaDB, all services, the relays)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let sides: TwoSides;
  let job: OutboxRetentionJob;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    await app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    sides = await TwoSides.open(app);
    job = app.get(OutboxRetentionJob, { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    await sides.begin(1_000);
    await databaseOf('admin').run('DELETE FROM outbox');
  });
  afterEach(() => jest.restoreAllMocks());

  const databaseOf = (name: DatabaseName) => app.get<Database>(databaseToken(name), { strict: false });
  const outboxOf = (name: DatabaseName) => app.get<OutboxReader>(outboxToken(name), { strict: false });
  const retain = () => job.run({ signal: new AbortController().signal, dueAt: new Date(), options: {} });

  async function write(name: DatabaseName, aggregateIds: string[], sql: string): Promise<void> {
    const database = databaseOf(name);
    const event = { topic: 'test', runNo: 1, stateVersion: 0, payload: {} };
    await writeOutbox(
      database,
      aggregateIds.map((aggregateId) => ({ ...event, aggregateId })),
    );
    await database.run(`UPDATE outbox SET ${sql} WHERE aggregate_id IN (?)`, [aggregateIds]);
  }

  async function listLeft(name: DatabaseName): Promise<string[]> {
    const rows = await databaseOf(name).rows<{ id: string }>(
      `SELECT CONCAT(aggregate_id, ' run ', run_no) AS id FROM outbox ORDER BY id`,
    );
    return rows.map(({ id }) => id.replace(sides.taskIds[0] ?? 'none', 'task'));
  }

  async function live(steps: Step[]): Promise<void> {
    for (const step of steps) {
      await sides.take(step);
      await relayAll(sides);
    }
    for (const side of ['client', 'shared'] as const) {
      await sides[side].run('UPDATE outbox SET published_at = published_at - INTERVAL 8 DAY');
    }
  }

  it.each(['client', 'shared', 'admin'] as const)('I7 keeps published events of %s for 7 days', async (name) => {
    await write(name, ['6 days'], 'published_at = UTC_TIMESTAMP(3) - INTERVAL 6 DAY - INTERVAL 23 HOUR');
    await write(name, ['7 days'], 'published_at = UTC_TIMESTAMP(3) - INTERVAL 7 DAY - INTERVAL 1 HOUR');
    await retain();
    expect(await listLeft(name)).toEqual(['6 days run 1']);
  });

  it('I7 keeps what was never published and what is parked, however old', async () => {
    await write('client', ['pending'], 'created_at = created_at - INTERVAL 1 YEAR');
    await write('client', ['parked'], 'created_at = created_at - INTERVAL 1 YEAR, parked_at = created_at');
    await retain();
    expect(await listLeft('client')).toEqual(['parked run 1', 'pending run 1']);
  });

  it.each([
    ['waits', [SUBMIT]],
    ['runs', [SUBMIT, CLAIM]],
  ])("I7 keeps the wish of a run that still %s, and lets go of the queue's events", async (_how, steps) => {
    await live(steps);
    await retain();
    expect(await listLeft('client')).toEqual(['task run 1']);
    expect(await listLeft('shared')).toEqual([]);
  });

  it('I7 keeps the wish of the run under way alone, and lets go of it when that is over', async () => {
    await live([SUBMIT, CLAIM, COMPLETE, RELOAD]);
    await retain();
    expect(await listLeft('client')).toEqual(['task run 2']);
    await live([CLAIM, COMPLETE]);
    await retain();
    expect(await listLeft('client')).toEqual([]);
  });

  it('I6 I7 does not fail a waiting task that arrived weeks ago when its cancel is parked', async () => {
    await live([SUBMIT]);
    await retain();
    await sides.take({ do: 'cancel', task: 0 });
    await app.get(TaskStatesService).rejectSubmit(sides.taskIds[0]!, 'its cancel can never be applied');
    const [task] = await sides.client.rows<{ status: string }>('SELECT status FROM client_tasks');
    expect(task).toEqual({ status: 'queued' });
  });

  it('I7 removes many in bounded batches', async () => {
    const ids = Array.from({ length: 2_500 }, (_, index) => `e${index}`);
    await write('shared', ids, 'published_at = UTC_TIMESTAMP(3) - INTERVAL 8 DAY');
    const batches = jest.spyOn(outboxOf('shared'), 'removePublished');
    await retain();
    expect(await Promise.all(batches.mock.results.map(({ value }) => value))).toEqual([1_000, 1_000, 500]);
    expect(await listLeft('shared')).toEqual([]);
  });

  it('I7 I9 removes nothing early when the clock of the application has jumped ahead', async () => {
    await write('shared', ['young'], 'published_at = UTC_TIMESTAMP(3)');
    const now = new Date(Date.now() + 30 * DAY_MS);
    expect(await outboxOf('shared').removePublished({ now, keepMs: 7 * DAY_MS, limit: 10 })).toBe(0);
    expect(await listLeft('shared')).toEqual(['young run 1']);
  });
});
