import type { INestApplicationContext } from '@nestjs/common';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { Database } from '../../../src/database/index.js';
import { QueueRepository } from '../../../src/shared/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

/** One connection, so that the server's counters of what it read are those of our statements alone. */
class CountedDatabase {
  constructor(private readonly connection: Connection) {}

  async rows<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(sql, values);
    return rows as unknown as T[];
  }

  async countReads(work: () => Promise<unknown>): Promise<number> {
    await this.connection.query('FLUSH STATUS');
    await work();
    const [rows] = await this.connection.query<RowDataPacket[]>(`SHOW SESSION STATUS LIKE 'Handler_read%'`);
    return rows.reduce((sum, row) => sum + Number(row.Value), 0);
  }
}

describe("the queue's head (real: MariaDB)", () => {
  const now = new Date('2026-11-22T12:00:00Z');
  let server: ScratchServer;
  let app: INestApplicationContext;
  let connection: Connection;
  let database: CountedDatabase;
  let queue: QueueRepository;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    connection = await createConnection({ uri: server.adminDsn, database: 'comfyui_shared', timezone: 'Z' });
    database = new CountedDatabase(connection);
    queue = new QueueRepository(database as unknown as Database);
  });

  beforeEach(() => connection.query('DELETE FROM global_tasks'));

  afterAll(async () => {
    await connection.end();
    await app.close();
    await server.stop();
  });

  /** So many tasks of a user, each a second younger than the one before. */
  function fill(user: string, requirement: string, count: number, name = `${user}-${requirement}`) {
    const start = Date.parse('2026-11-22T00:00:00Z');
    const rows = Array.from({ length: count }, (_, index) => {
      const queuedAt = new Date(start + (index + 1) * 1_000);
      return [`${name}-${index + 1}`, 'client', user, 'text_to_image', 'w', requirement, queuedAt];
    });
    return connection.query(
      `INSERT INTO global_tasks
         (task_id, source_type, source_user_id, task_type, workflow_name, requirement_key, queued_at) VALUES ?`,
      [rows],
    );
  }

  const readHead = async () => queue.listHeads(await queue.listClasses(), 5, now);

  it("I22 hides nobody behind one user's 10,000 tasks and 5,000 that no node can run, and reads no more for them", async () => {
    const fillAll = async (many: number, impossible: number) => {
      await connection.query('DELETE FROM global_tasks');
      await fill('ann', 'many', many);
      await fill('ann', 'impossible', impossible);
      await fill('bob', 'many', 1);
      await fill('cid', 'few', 3);
      // Its own statistics come a little later; they decide whether it steps from class to class or reads all.
      await connection.query('ANALYZE TABLE global_tasks');
    };
    await fillAll(1_000, 500);
    const before = await database.countReads(readHead);
    await fillAll(10_000, 5_000);
    const reads = await database.countReads(readHead);
    const heads = await readHead();
    const expected = ['ann-impossible', 'ann-many'].flatMap((name) => [1, 2, 3, 4, 5].map((at) => `${name}-${at}`));
    expect(heads.map(({ taskId }) => taskId).sort()).toEqual(
      [...expected, 'bob-many-1', 'cid-few-1', 'cid-few-2', 'cid-few-3'].sort(),
    );
    // Each class costs a step to find it and one for each of its heads, of 15,000 rows as of 1,500.
    expect(reads).toBeLessThan(60);
    expect(reads).toBe(before);
  });

  it('gives every class with the age of its oldest, and keeps names apart that differ in case', async () => {
    await fill('ann', 'a.safetensors', 3, 'small');
    await fill('ann', 'A.safetensors', 2, 'large');
    await connection.query(`UPDATE global_tasks SET priority = 7 WHERE task_id = 'small-3'`);
    const oldest = new Date('2026-11-22T00:00:01Z');
    expect(await queue.listClasses()).toEqual([
      { sourceUserId: 'ann', requirementKey: 'A.safetensors', priority: 1, oldestAt: oldest },
      { sourceUserId: 'ann', requirementKey: 'a.safetensors', priority: 1, oldestAt: oldest },
      {
        sourceUserId: 'ann',
        requirementKey: 'a.safetensors',
        priority: 7,
        oldestAt: new Date('2026-11-22T00:00:03Z'),
      },
    ]);
  });

  it('leaves out what is resting or being cancelled, and looks behind what may not go everywhere', async () => {
    await fill('ann', 'x', 12);
    const change = (set: string, tasks: number[]) =>
      connection.query(`UPDATE global_tasks SET ${set} WHERE task_id IN (?)`, [tasks.map((at) => `ann-x-${at}`)]);
    await change(`retry_at = '2026-11-22 12:00:01'`, [1]);
    await change('cancel_run = 1', [2]);
    await change(`status = 'processing'`, [3]);
    await change(`excluded_nodes = '["a"]'`, [4, 5, 6, 7, 8, 9]);
    expect((await readHead()).map(({ taskId }) => taskId)).toEqual(
      [4, 5, 6, 7, 8, 9, 10, 11, 12].map((at) => `ann-x-${at}`),
    );
  });

  it('reads the same through the pool of the service as through one connection', async () => {
    await fill('ann', 'x', 2);
    expect(await app.get(QueueRepository).listClasses()).toEqual(await queue.listClasses());
  });
});
