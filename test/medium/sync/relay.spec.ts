import type { INestApplicationContext } from '@nestjs/common';
import { Clock, createLogger } from '../../../src/common/index.js';
import { databaseToken, LeaseKeeper, OutboxReader, writeOutbox, type Database } from '../../../src/database/index.js';
import { Signals } from '../../../src/live/index.js';
import { TASK_WISHED, TaskWishesService, type TaskWish } from '../../../src/shared/index.js';
import { readTaskWish } from '../../../src/sync/event-schemas.js';
import { Relay, type Route } from '../../../src/sync/relay.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';
import { waitFor } from '../../support/wait-for.js';

describe('Relay (real: two databases of one MariaDB, the merge of wishes)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let client: Database;
  let shared: Database;
  let relay: Relay | undefined;
  const parked: string[] = [];

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    client = app.get<Database>(databaseToken('client'), { strict: false });
    shared = app.get<Database>(databaseToken('shared'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    parked.length = 0;
    await client.run('DELETE FROM outbox');
    await shared.run('DELETE FROM global_tasks');
  });

  afterEach(() => relay?.stop());

  function startRelay(given: Partial<Route> = {}, batchSize = 50): void {
    const route: Route = {
      name: 'test',
      topic: TASK_WISHED,
      source: new OutboxReader(client),
      wakeOn: 'client.outbox',
      apply: (events) => app.get(TaskWishesService).apply(events.map(readTaskWish)),
      onParked: async ({ aggregateId }) => void parked.push(aggregateId),
      ...given,
    };
    const logger = createLogger({ level: 'silent', pretty: false });
    const context = { leases: app.get(LeaseKeeper), signals: app.get(Signals), clock: app.get(Clock), logger };
    relay = new Relay(route, { ...context, batchSize, sweepMs: 20 });
    relay.start();
  }

  async function announce(wishes: TaskWish[]): Promise<void> {
    await client.transaction((transaction) =>
      writeOutbox(
        transaction,
        wishes.map((wish) => ({
          topic: TASK_WISHED,
          aggregateId: wish.taskId,
          runNo: wish.runNo,
          stateVersion: 0,
          payload: wish,
        })),
      ),
    );
    app.get(Signals).emit('client.outbox');
  }

  const count = async (database: Database, from: string): Promise<number> => {
    const [row] = await database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${from}`);
    return Number(row!.n);
  };
  const settled = () =>
    waitFor(async () => (await count(client, 'outbox WHERE published_at IS NULL AND parked_at IS NULL')) === 0, {
      what: 'an empty outbox',
    });

  it('carries what was committed before it ran, and what comes while it runs', async () => {
    await announce(Array.from({ length: 120 }, () => makeTaskWish()));
    startRelay();
    await announce(Array.from({ length: 30 }, () => makeTaskWish()));
    await settled();
    expect(await count(shared, 'global_tasks')).toBe(150);
    expect(await count(shared, 'global_task_parameters')).toBe(150);
  });

  it('I6 parks the one event that can never be applied, and its later ones, and carries all others', async () => {
    const wishes = Array.from({ length: 20 }, () => makeTaskWish());
    const poison = { ...wishes[7]!, workflowName: 'x'.repeat(500) };
    await announce([...wishes.slice(0, 7), poison, ...wishes.slice(8), { ...wishes[7]!, cancelRun: 1 }]);
    startRelay();
    await settled();
    expect([...new Set(parked)]).toEqual([poison.taskId]);
    expect(await count(client, 'outbox WHERE parked_at IS NOT NULL')).toBe(2);
    expect(await count(shared, 'global_tasks')).toBe(19);
  });

  it('I6 parks what nobody can read', async () => {
    const broken = { ...makeTaskWish(), createdAt: 'yesterday' };
    await announce([broken, makeTaskWish()]);
    startRelay();
    await settled();
    expect(parked).toEqual([broken.taskId]);
    expect(await count(shared, 'global_tasks')).toBe(1);
  });

  it('I6 fails what builds on a parked submit, too', async () => {
    const wish = makeTaskWish();
    await announce([{ ...wish, workflowName: 'x'.repeat(500) }]);
    startRelay();
    await settled();
    await announce([{ ...wish, runNo: 2 }]);
    await settled();
    expect(parked).toEqual([wish.taskId, wish.taskId]);
  });

  it('carries more than a server takes in one packet', async () => {
    const parameters = Array.from({ length: 25 }, (_, index) => ({
      name: `p${index}`,
      type: 'string' as const,
      value: JSON.stringify('long '.repeat(400)),
    }));
    for (let part = 0; part < 10; part += 1) {
      await announce(Array.from({ length: 40 }, () => makeTaskWish({ parameters })));
    }
    startRelay({}, 400);
    await settled();
    expect(await count(shared, 'global_task_parameters')).toBe(400 * 25);
  });

  it('I6 never parks for trouble that passes: it tries again', async () => {
    let failures = 0;
    await announce([makeTaskWish(), makeTaskWish()]);
    startRelay({
      apply: (events) => {
        failures += 1;
        if (failures <= 3) throw Object.assign(new Error('server has gone away'), { errno: 2006 });
        return app.get(TaskWishesService).apply(events.map(readTaskWish));
      },
    });
    await settled();
    expect(parked).toEqual([]);
    expect(await count(shared, 'global_tasks')).toBe(2);
  });

  it('applies an event twice without a trace when its mark was lost', async () => {
    const wish = makeTaskWish();
    await announce([wish, wish]);
    startRelay();
    await settled();
    await client.run('UPDATE outbox SET published_at = NULL');
    await settled();
    expect(await count(shared, 'global_tasks')).toBe(1);
    expect(await count(shared, 'global_task_parameters')).toBe(1);
  });
});
