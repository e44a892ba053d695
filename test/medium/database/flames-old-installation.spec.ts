import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { checkDrift, initialiseDatabases } from '../../../src/operations/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const BARE = 'task_id varchar(64) NOT NULL PRIMARY KEY, model_name varchar(255), status varchar(32)';
const LATER = `${BARE}, dataset_id int, submit_time datetime, end_time datetime, result json`;

describe.each([
  ['bare', BARE],
  ['with the later columns', LATER],
])('the Flames tables of an old installation, %s', (_, columns) => {
  let server: ScratchServer;
  let old: Connection;

  beforeAll(async () => {
    server = await startScratchServer({ initialised: false });
    old = await createConnection({ uri: server.adminDsn, timezone: 'Z', dateStrings: true });
    await old.query(`SET time_zone = '+00:00'`);
    await old.query('CREATE DATABASE `redteam-dra` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
    await old.query('USE `redteam-dra`');
    await old.query(`CREATE TABLE task_flames (${columns}) ENGINE=MyISAM`);
    await old.query(`CREATE TABLE task_flames_logs (
      id int NOT NULL AUTO_INCREMENT PRIMARY KEY, task_id varchar(64) NOT NULL, dimension varchar(32) NOT NULL,
      predicted int, prompt text, response text, created_at timestamp NULL DEFAULT CURRENT_TIMESTAMP,
      KEY idx_dimension (dimension)
    ) ENGINE=MyISAM`);
    await old.query(`INSERT INTO task_flames (task_id, model_name, status) VALUES ('t1', '模型', 'finished')`);
    await old.query(`INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response, created_at) VALUES
      ('t1', 'Fairness', 3, '问题', '回答', '2025-03-01 08:30:00'), ('t1', 'Fairness', 1, '问题', '回答', '2025-03-01 08:30:00')`);
    await initialiseDatabases({ settings: server.settings, adminDsn: server.adminDsn });
  });
  afterAll(async () => {
    await old.end();
    await server.stop();
  });

  it('become the tables that the entities describe, but for an index of their own', async () => {
    expect(await checkDrift('flames', server.settings)).toEqual(['DROP INDEX `idx_dimension` ON `task_flames_logs`']);
  });

  it('keep their rows, texts and times', async () => {
    expect(await rows('SELECT task_id, model_name, status, result FROM task_flames')).toEqual([
      { task_id: 't1', model_name: '模型', status: 'finished', result: null },
    ]);
    expect(await rows('SELECT id, dimension, predicted, prompt, created_at, item_key FROM task_flames_logs')).toEqual(
      [3, 1].map((predicted, index) => ({
        id: index + 1,
        dimension: 'Fairness',
        predicted,
        prompt: '问题',
        created_at: '2025-03-01 08:30:00.000',
        item_key: null,
      })),
    );
  });

  it('have ids beyond 32 bits, transactions, and count no item twice', async () => {
    await old.query(
      `INSERT INTO task_flames_logs (id, task_id, dimension, item_key) VALUES (5000000000, 't1', 'Safety', 'i1')`,
    );

    await expect(
      old.query(`INSERT INTO task_flames_logs (task_id, dimension, item_key) VALUES ('t1', 'Safety', 'i1')`),
    ).rejects.toMatchObject({ errno: 1062 });
    expect(
      await rows(
        `SELECT engine AS engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'task%'`,
      ),
    ).toEqual([{ engine: 'InnoDB' }, { engine: 'InnoDB' }]);
  });

  async function rows(sql: string): Promise<RowDataPacket[]> {
    const [result] = await old.query<RowDataPacket[]>(sql);
    return result;
  }
});
