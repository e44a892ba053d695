import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

interface Task {
  status: string;
  scheduling: { position: number | null; reason: string } | null;
}

describe('draining a node (real: the whole application, simulated nodes)', () => {
  let installation: Installation;
  let user: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([
      { name: 'slow', stepMs: 1_000 },
      { name: 'quick', stepMs: 2 },
    ]);
    user = await installation.signIn('ann');
  });

  afterAll(() => installation.stop());

  async function query(sql: string): Promise<RowDataPacket[]> {
    const connection = await createConnection(installation.server.adminDsn);
    try {
      return (await connection.query<RowDataPacket[]>(sql))[0];
    } finally {
      await connection.end();
    }
  }

  it('tells where a task runs, and at the deadline has another node do it, without spending an attempt', async () => {
    await waitFor(async () => (await query(`SELECT 1 FROM comfyui_admin.nodes WHERE status = 'online'`)).length === 2, {
      what: 'both nodes',
    });
    const taskId = await user.submit({ prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', seed: 1 });
    const task = () => user.json<Task>('GET', `/api/v2/tasks/${taskId}`);
    const [slow] = installation.simulators;
    await waitFor(() => slow!.log.some(({ event }) => event === 'started'), { what: 'the start on the slow node' });
    const { scheduling } = await waitFor(async () => ((await task()).status === 'processing' ? task() : undefined));
    expect(scheduling).toMatchObject({ position: 0 });
    expect(scheduling!.reason).toMatch(/^It was given to sim-1: least loaded; 2 idle nodes/);
    await query(`UPDATE comfyui_admin.nodes SET cordoned = 1, drain_until = NOW(3) WHERE node_id = 'sim-1'`);
    await waitUntilOver(user, [taskId]);
    expect(await task()).toMatchObject({ status: 'completed', scheduling: null });
    const attempts = await query(
      `SELECT a.node_id, a.status, a.error_code, t.attempt_count FROM comfyui_shared.node_task_assignments a
       JOIN comfyui_shared.global_tasks t ON t.id = a.task_id ORDER BY a.id`,
    );
    expect(attempts).toEqual([
      { node_id: 'sim-1', status: 'failed', error_code: 'NODE_DRAINED', attempt_count: 1 },
      { node_id: 'sim-2', status: 'completed', error_code: null, attempt_count: 1 },
    ]);
    await waitFor(() => slow!.log.some(({ event }) => event === 'finished'), { what: 'the drained node to be idle' });
  });
});
