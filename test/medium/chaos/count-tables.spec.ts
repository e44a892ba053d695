import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { countTables } from '../../../chaos/count/count-tables.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

/** One task that was asked for, charged, run once and settled, as it stands in both databases. */
const WELL = [
  `INSERT INTO comfyui_client.client_users (id, client_id, username, quota_used, quota_reset_date)
   VALUES (1, 'ann', 'ann', 1, '2026-11-22')`,
  `INSERT INTO comfyui_client.client_tasks (id, task_id, client_id, task_type, workflow_name, status, state_version)
   VALUES (1, 't1', 'ann', 'text_to_image', 'sd_basic', 'completed', 2)`,
  `INSERT INTO comfyui_client.client_task_results (task_id, result_type, file_hash) VALUES (1, 'image', '${HASH}')`,
  `INSERT INTO comfyui_client.quota_ledger (client_id, task_id, run_no, kind, quota_day)
   VALUES ('ann', 't1', 1, 'charge', '2026-11-22')`,
  `INSERT INTO comfyui_client.outbox (event_id, topic, aggregate_id, run_no, state_version, payload, published_at)
   VALUES ('c1', 'task.wished', 't1', 1, 0, '{}', '2026-11-22 10:00:00')`,
  `INSERT INTO comfyui_shared.global_tasks (id, task_id, source_type, source_user_id, task_type, workflow_name, status,
     state_version) VALUES (1, 't1', 'client', 'ann', 'text_to_image', 'sd_basic', 'completed', 2)`,
  `INSERT INTO comfyui_shared.global_task_results (task_id, result_type, file_hash) VALUES (1, 'image', '${HASH}')`,
  `INSERT INTO comfyui_shared.node_task_assignments (assignment_id, node_id, task_id, run_no, attempt_no, status,
     lease_token, completed_at) VALUES ('a1', 'node-1', 1, 1, 1, 'completed', 1, '2026-11-22 10:00:02')`,
  `INSERT INTO comfyui_shared.outbox (event_id, topic, aggregate_id, run_no, state_version, payload, published_at)
   VALUES ('s1', 'task.changed', 't1', 1, 2, '{"status": "completed"}', '2026-11-22 10:00:03')`,
  `INSERT INTO comfyui_shared.blobs (hash, pinned_until) VALUES ('${HASH}', '2026-11-22 10:00:00')`,
];

const TABLES = [
  ...['client_task_results', 'client_tasks', 'client_users', 'quota_ledger', 'outbox'].map(
    (t) => `comfyui_client.${t}`,
  ),
  ...['global_task_results', 'node_task_assignments', 'global_tasks', 'outbox', 'blobs'].map(
    (t) => `comfyui_shared.${t}`,
  ),
];

/** What may go wrong, as a change of those rows, and the rules that are to tell. */
const LOSSES: [what: string, sql: string, rules: string[]][] = [
  [
    'a task that never ended',
    `UPDATE comfyui_client.client_tasks SET status = 'queued'`,
    ['stuck', 'differing', 'wrongResults'],
  ],
  ['a task that the queue lost', 'DELETE FROM comfyui_shared.global_tasks', ['differing', 'strayFiles']],
  ['a task that its user lost', 'DELETE FROM comfyui_client.client_tasks', ['differing']],
  ['a reason that only the queue has', `UPDATE comfyui_shared.global_tasks SET error_code = 'POISON'`, ['differing']],
  ['another file', `UPDATE comfyui_shared.global_task_results SET file_hash = '${OTHER}'`, ['differing', 'strayFiles']],
  ['two versions of a task', 'UPDATE comfyui_client.client_tasks SET state_version = 3', ['differing']],
  ['a result that only the queue has', 'DELETE FROM comfyui_client.client_task_results', ['differing', 'wrongResults']],
  [
    'a result whose bytes are gone',
    `UPDATE comfyui_client.client_task_results SET file_hash = '${OTHER}'`,
    ['differing', 'wrongResults'],
  ],
  [
    'an end that was announced twice',
    `INSERT INTO comfyui_shared.outbox (event_id, topic, aggregate_id, run_no, state_version, payload, published_at)
     VALUES ('s2', 'task.changed', 't1', 1, 3, '{"status": "failed"}', NOW())`,
    ['settledTwice'],
  ],
  ['an attempt that is still open', 'UPDATE comfyui_shared.node_task_assignments SET slot = 0', ['openAssignments']],
  ['an event that was never carried', `UPDATE comfyui_client.outbox SET published_at = NULL`, ['unpublished']],
  ['an event that was parked', `UPDATE comfyui_shared.outbox SET parked_at = NOW()`, ['parked']],
  ['a counter that is not the ledger’s', 'UPDATE comfyui_client.client_users SET quota_used = 2', ['wrongQuota']],
  ['a run that was not charged', 'DELETE FROM comfyui_client.quota_ledger', ['wrongQuota']],
  [
    'a refund of what was delivered',
    `INSERT INTO comfyui_client.quota_ledger (client_id, task_id, run_no, kind, quota_day)
     VALUES ('ann', 't1', 1, 'refund', '2026-11-22')`,
    ['wrongQuota'],
  ],
  [
    'a completion after the cancel was known',
    `INSERT INTO comfyui_client.outbox (event_id, topic, aggregate_id, run_no, state_version, payload, published_at)
     VALUES ('c2', 'task.wished', 't1', 1, 1, '{}', '2026-11-22 10:00:01')`,
    ['completedAfterCancel'],
  ],
  ['a file without a row', 'DELETE FROM comfyui_shared.blobs', ['strayFiles']],
  [
    'a row that the sweep left',
    `INSERT INTO comfyui_shared.blobs (hash, pinned_until) VALUES ('${OTHER}', NOW() - INTERVAL 1 HOUR)`,
    ['strayFiles'],
  ],
];

describe('countTables (real: MariaDB, disk)', () => {
  let server: ScratchServer;
  let root: Connection;

  const blobPath = (hash: string) =>
    join(server.settings.storage.directory, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);

  beforeAll(async () => {
    server = await startScratchServer();
    root = await createConnection(server.adminDsn);
    mkdirSync(dirname(blobPath(HASH)), { recursive: true });
    writeFileSync(blobPath(HASH), 'a picture');
  });

  beforeEach(async () => {
    for (const sql of WELL) await root.query(sql);
  });

  afterEach(async () => {
    for (const table of TABLES) await root.query(`DELETE FROM ${table}`);
  });

  afterAll(async () => {
    await root.end();
    await server.stop();
  });

  async function brokenRules(): Promise<string[]> {
    const { violations } = await countTables(server.settings);
    return Object.entries(violations).flatMap(([rule, found]) => (found.length > 0 ? [rule] : []));
  }

  it('finds nothing wrong with a task that was done', async () => {
    expect(await brokenRules()).toEqual([]);
    const { attempts, runs } = await countTables(server.settings);
    const attempt = {
      assignmentId: 'a1',
      taskId: 't1',
      runNo: 1,
      nodeId: 'node-1',
      status: 'completed',
      errorCode: null,
    };
    expect(attempts).toEqual([attempt]);
    expect(runs).toEqual([{ taskId: 't1', runNo: 1, status: 'completed' }]);
  });

  it.each(LOSSES)('finds %s', async (_, sql, rules) => {
    await root.query(sql);
    expect(await brokenRules()).toEqual(rules);
  });

  it('finds a result whose file is not on the disk', async () => {
    rmSync(blobPath(HASH));
    expect(await brokenRules()).toEqual(['wrongResults']);
  });
});
