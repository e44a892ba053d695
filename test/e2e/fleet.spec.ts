import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';
import type { ApiClient } from '../support/api-client.js';

const TASKS_EACH = 20;

describe('forty tasks of two users on two nodes, one of which stops half-way (real: all but the nodes)', () => {
  let installation: Installation;
  let users: ApiClient[];
  let tasks: { user: ApiClient; taskId: string; width: number; height: number }[];

  beforeAll(async () => {
    installation = await Installation.start([
      { name: 'one', stepMs: 8 },
      { name: 'two', stepMs: 8 },
    ]);
    users = [await installation.signIn('alice'), await installation.signIn('bob')];
  });

  afterAll(() => installation.stop());

  it('completes all of them', async () => {
    tasks = await Promise.all(
      Array.from({ length: 2 * TASKS_EACH }, async (_, index) => {
        const user = users[index % 2]!;
        const [width, height] = [64 + 8 * (index % 5), 64 + 8 * (index % 7)];
        const taskId = await user.submit({
          prompt: `picture ${index}`,
          width,
          height,
          workflow_name: 'sd_basic',
          seed: index,
        });
        return { user, taskId, width, height };
      }),
    );
    const admin = await installation.signInAsAdmin();
    const completed = async () => (await admin.json<{ total: number }>('GET', '/admin/tasks?status=completed')).total;
    await waitFor(async () => (await completed()) >= TASKS_EACH, { timeoutMs: 60_000, what: 'half of the tasks' });
    await installation.simulators[1]!.kill();
    for (const user of users) {
      const own = tasks.filter((task) => task.user === user).map(({ taskId }) => taskId);
      const states = await waitUntilOver(user, own);
      expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(own.map(() => 'completed'));
    }
  });

  it("gives every task a valid picture of its own size that is nobody else's", async () => {
    const hashes = new Set<string>();
    for (const { user, taskId, width, height } of tasks) {
      const response = await user.send('GET', `/api/v2/tasks/${taskId}/download`);
      expect(response.status).toBe(200);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width, height });
      hashes.add(
        createHash('sha256')
          .update(await sharp(bytes).raw().toBuffer())
          .digest('hex'),
      );
    }
    expect(hashes.size).toBe(tasks.length);
  });

  it('leaves both databases alike: same status, run and version, same results', async () => {
    const { settings } = installation.server;
    const client = await new DataSource(clientDataSourceOptions(settings)).initialize();
    const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
    const twins = (table: string, results: string) =>
      `SELECT t.task_id, t.status, t.run_no, t.state_version, COUNT(r.id) AS results
       FROM ${table} t LEFT JOIN ${results} r ON r.task_id = t.id GROUP BY t.id ORDER BY t.task_id`;
    try {
      const ours = await client.query<unknown[]>(twins('client_tasks', 'client_task_results'));
      expect(ours).toHaveLength(tasks.length);
      expect(ours).toEqual(await shared.query(twins('global_tasks', 'global_task_results')));
      const open = await shared.query('SELECT assignment_id FROM node_task_assignments WHERE open_task_id IS NOT NULL');
      expect(open).toEqual([]);
      const lost = await shared.query(
        `SELECT DISTINCT node_id FROM node_task_assignments WHERE error_code = 'NODE_LOST'`,
      );
      // Otherwise the node had nothing when it stopped, and this test showed nothing.
      expect(lost).toEqual([{ node_id: 'sim-2' }]);
    } finally {
      await client.destroy();
      await shared.destroy();
    }
  });
});
