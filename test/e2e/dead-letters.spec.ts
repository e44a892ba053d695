import { createConnection } from 'mysql2/promise';
import type { ApiClient } from '../support/api-client.js';
import { Installation, QUICK, waitUntilOver } from '../support/installation.js';

interface Letter {
  task_id: string;
  run_no: number;
  error_code: string;
  attempts: { attempt_no: number; node_id: string; error_code: string; started_at: string; ended_at: string }[];
}

interface Letters {
  tasks: Letter[];
  total: number;
}

describe('failed tasks (real: the whole application; a simulated node told to fail)', () => {
  let installation: Installation;
  let client: ApiClient;
  let admin: ApiClient;
  let failed: string[];

  beforeAll(async () => {
    // So many failures of one workflow would be the breaker's matter.
    installation = await Installation.start([{ stepMs: 1 }], { nodes: { ...QUICK.nodes, breakerFailures: 1_000 } });
    client = await installation.signIn('alice');
    admin = await installation.signInAsAdmin();
    faults().arm('execution_error', { times: 1_000 });
    failed = await Promise.all([1, 2, 3, 4].map((seed) => submit(seed)));
    await waitUntilOver(client, failed);
    faults().clear();
  });

  afterAll(() => installation.stop());

  const faults = () => installation.simulators[0]!.faults;
  const submit = (seed: number) => client.submit({ prompt: 'a cat', width: 64, height: 64, seed });
  const list = (query = '') => admin.json<Letters>('GET', `/admin/tasks/dead-letters${query}`);
  const usedQuota = async () => (await client.json<{ quota_used: number }>('GET', '/api/auth/profile')).quota_used;
  const redrive = async (taskId: string, body?: object) => {
    const answer = await admin.send('POST', `/admin/tasks/${taskId}/redrive`, body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('are listed with what was tried, the latest first', async () => {
    const { tasks, total } = await list('?limit=3');
    expect([tasks.length, total]).toEqual([3, 4]);
    expect(tasks[0]).toMatchObject({ run_no: 1, error_code: 'EXECUTION_ERROR', client_id: expect.any(String) });
    expect(tasks[0]!.attempts).toEqual([
      expect.objectContaining({ attempt_no: 1, node_id: 'sim-1', error_code: 'EXECUTION_ERROR' }),
      expect.objectContaining({ attempt_no: 2, started_at: expect.any(String), ended_at: expect.any(String) }),
    ]);
    expect((await list('?error_code=NODE_LOST')).total).toBe(0);
    expect((await list('?node_id=sim-1&workflow_name=sd_basic&error_code=EXECUTION_ERROR')).total).toBe(4);
    expect((await list(`?failed_after=${new Date(Date.now() + 60_000).toISOString()}`)).total).toBe(0);
    expect((await admin.send('GET', '/admin/tasks/dead-letters?failed_after=soon')).status).toBe(422);
  });

  it('I2 are run again without charge, once however often it is asked', async () => {
    const [taskId] = failed as [string];
    const used = await usedQuota();
    const answers = await Promise.all([1, 2, 3].map(() => redrive(taskId, { run_no: 1 })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ body }) => body.is_repeated).sort()).toEqual([false, true, true]);
    expect(answers.map(({ body }) => body.run_no)).toEqual([2, 2, 2]);
    expect(await waitUntilOver(client, [taskId])).toMatchObject([{ status: 'completed' }]);
    expect(await usedQuota()).toBe(used);
    const { entries } = await admin.json<{ entries: object[] }>('GET', `/api/admin/audit?target_id=${taskId}`);
    expect(entries).toMatchObject([{ actor: 'root', action: 'task.redrive', after: { run_no: 2 } }]);
    const ran = installation.simulators[0]!.log.filter(
      ({ event, extra_data: data }) => event === 'finished' && (data?.cws as { task?: string })?.task === taskId,
    );
    expect(ran).toHaveLength(3);
  });

  it('I2 are not run again where they have not failed', async () => {
    const [taskId] = failed as [string];
    expect(await redrive(taskId)).toMatchObject({ status: 409, body: { code: 'TASK_NOT_FAILED' } });
    expect(await redrive(crypto.randomUUID())).toMatchObject({ status: 404, body: { code: 'TASK_NOT_FOUND' } });
    await admin.json('POST', '/api/nodes/sim-1/cordon');
    const waiting = await submit(5);
    expect(await redrive(waiting)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('queued') } });
    await admin.json('POST', '/api/nodes/sim-1/uncordon');
    await waitUntilOver(client, [waiting]);
  });

  it('are not run again together where nobody says which', async () => {
    for (const body of [undefined, {}, { limit: 5 }, { error_code: null }]) {
      const answer = await admin.send('POST', '/admin/tasks/dead-letters/redrive', body);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ code: 'FILTER_MISSING' });
    }
  });

  it('are not run again where they are poison, unless that is named', async () => {
    const [, taskId] = failed as [string, string];
    const connection = await createConnection(installation.server.adminDsn);
    await connection.query(
      `UPDATE comfyui_shared.global_tasks SET error_code = 'POISON', node_id = 'sim-9' WHERE task_id = ?`,
      [taskId],
    );
    await connection.end();
    const redriveMany = (filter: object) =>
      admin.json<{ redriven: Letter[]; remaining: number }>('POST', '/admin/tasks/dead-letters/redrive', filter);
    expect(await redriveMany({ node_id: 'sim-9' })).toMatchObject({ redriven: [], remaining: 0 });
    const { redriven } = await redriveMany({ node_id: 'sim-9', error_code: 'POISON' });
    expect(redriven.map(({ task_id: id }) => id)).toEqual([taskId]);
    await waitUntilOver(client, [taskId]);
  });

  it('are run again together, as many as are asked for', async () => {
    const used = await usedQuota();
    const answer = await admin.json<{ redriven: Letter[]; skipped: Letter[]; remaining: number }>(
      'POST',
      '/admin/tasks/dead-letters/redrive',
      { error_code: 'EXECUTION_ERROR', limit: 2 },
    );
    expect(answer).toMatchObject({ skipped: [], remaining: 0 });
    expect(answer.redriven).toHaveLength(2);
    const states = await waitUntilOver(
      client,
      answer.redriven.map(({ task_id: taskId }) => taskId),
    );
    expect(states.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect((await list()).total).toBe(0);
    expect(await usedQuota()).toBe(used);
  });
});
