import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

interface Task {
  task_id: string;
  status: string;
  priority: number;
  result_data: { files: string[] };
}

interface List {
  tasks: Task[];
  total: number;
  next_cursor: string | null;
  searched_from: string | null;
}

interface Story {
  events: { at: string; event: string; node_id: string | null; error_code: string | null; detail: string | null }[];
}

describe("all users' tasks in an admin's hands (real: the whole application, simulated nodes)", () => {
  let installation: Installation;
  let alice: ApiClient;
  let bob: ApiClient;
  let admin: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([
      { name: 'slow', stepMs: 1_000 },
      { name: 'quick', stepMs: 2 },
    ]);
    alice = await installation.signIn('alice');
    bob = await installation.signIn('bob');
    admin = await installation.signInAsAdmin();
    await waitFor(async () => (await query(`SELECT 1 FROM comfyui_admin.nodes WHERE status = 'online'`)).length === 2, {
      what: 'both nodes',
    });
  });

  afterAll(() => installation.stop());

  async function query(sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    const connection = await createConnection(installation.server.adminDsn);
    try {
      return (await connection.query<RowDataPacket[]>(sql, values))[0];
    } finally {
      await connection.end();
    }
  }

  const list = (of = '') => admin.json<List>('GET', `/admin/tasks${of}`);
  const submit = (client: ApiClient, more: object = {}) =>
    client.submit({ prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', ...more });
  const post = async (path: string, body?: object) => {
    const answer = await admin.send('POST', path, body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const cordon = (...nodeIds: string[]) =>
    Promise.all(nodeIds.map((nodeId) => admin.json('POST', `/api/nodes/${nodeId}/cordon`)));
  const uncordon = (...nodeIds: string[]) =>
    Promise.all(nodeIds.map((nodeId) => admin.json('POST', `/api/nodes/${nodeId}/uncordon`)));
  const runningOn = async (taskId: string) => {
    const [row] = await query(
      `SELECT a.node_id FROM comfyui_shared.node_task_assignments a JOIN comfyui_shared.global_tasks t
         ON t.current_assignment_id = a.assignment_id
       WHERE t.task_id = ? AND a.started_at IS NOT NULL AND a.slot IS NOT NULL`,
      [taskId],
    );
    return row?.node_id as string | undefined;
  };

  it('are found by user, workflow, node, time, and by what they begin with or ask for', async () => {
    await cordon('sim-1');
    const cat = await submit(alice, { prompt: 'a cat that is 100%_real' });
    const dog = await submit(bob, { prompt: 'a dog' });
    await waitUntilOver(alice, [cat]);
    await waitUntilOver(bob, [dog]);
    const found = async (of: string) => (await list(of)).tasks.map(({ task_id: id }) => id);
    expect(await found('')).toEqual([dog, cat]);
    expect(await found('?order=oldest')).toEqual([cat, dog]);
    expect(await found('?user=alice')).toEqual([cat]);
    const [row] = await query(`SELECT client_id FROM comfyui_client.client_users WHERE username = 'bob'`);
    expect(await found(`?user=${row!.client_id}`)).toEqual([dog]);
    expect(await found('?user=nobody')).toEqual([]);
    expect(await found(`?q=${cat.slice(0, 30)}`)).toEqual([cat]);
    expect(await found(`?q=${encodeURIComponent('100%_r')}`)).toEqual([cat]);
    expect(await found(`?q=${encodeURIComponent('0%r')}`)).toEqual([]);
    expect(await found('?node=sim-2&workflow=sd_basic&task_type=text_to_image&status=completed')).toEqual([dog, cat]);
    expect(await found('?node=sim-1')).toEqual([]);
    expect(await found('?error_code=NODE_LOST')).toEqual([]);
    expect(await found(`?from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await list(`?to=${new Date(Date.now() + 60_000).toISOString()}`)).toMatchObject({ total: 2 });
    const first = await list('?limit=1');
    expect(first).toMatchObject({ total: 2, tasks: [{ task_id: dog }], searched_from: null });
    expect(await list(`?limit=1&cursor=${first.next_cursor}`)).toMatchObject({ tasks: [{ task_id: cat }] });
    for (const bad of ['?from=2026-02-02&to=2026-02-01', '?cursor=x', '?q=a', '?order=best', '?limit=101']) {
      expect((await admin.send('GET', `/admin/tasks${bad}`)).status).toBe(422);
    }
  });

  it('name their files by addresses that an <img> can ask for, and nobody can make up', async () => {
    const [{ result_data: result } = { result_data: { files: [] as string[] } }] = (await list('?user=alice')).tasks;
    expect(result.files).toHaveLength(1);
    const [address] = result.files as [string];
    expect((await list('?user=alice')).tasks[0]!.result_data.files).toEqual([address]);
    const picture = await fetch(address);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    const other = new URL(address);
    other.searchParams.set('index', '1');
    expect((await fetch(other)).status).toBe(401);
    const unsigned = new URL(address);
    unsigned.searchParams.delete('signature');
    expect((await fetch(unsigned)).status).toBe(401);
    expect((await admin.send('GET', unsigned.pathname + unsigned.search)).status).toBe(200);
    expect((await alice.send('GET', unsigned.pathname + unsigned.search)).status).toBe(401);
  });

  it('A5 I4 are cancelled on their users’ behalf, as often as it is asked', async () => {
    await cordon('sim-1', 'sim-2');
    const taskId = await submit(alice);
    expect(await post(`/admin/tasks/${taskId}/cancel`)).toMatchObject({ status: 200, body: { is_repeated: false } });
    expect(await post(`/admin/tasks/${taskId}/cancel`)).toMatchObject({ status: 200, body: { is_repeated: true } });
    expect(await waitUntilOver(alice, [taskId])).toMatchObject([{ status: 'cancelled' }]);
    const [done] = (await list('?status=completed')).tasks;
    expect(await post(`/admin/tasks/${done!.task_id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'TASK_FINISHED', detail: 'The task is already completed.' },
    });
    expect((await post(`/admin/tasks/${crypto.randomUUID()}/cancel`)).status).toBe(404);
    const audits = await query(`SELECT actor, action FROM comfyui_admin.audit_logs WHERE target_id = ?`, [taskId]);
    expect(audits).toEqual([{ actor: 'root', action: 'task.cancel' }]);
  });

  it('are cancelled many at once, by a filter', async () => {
    const ids = await Promise.all([1, 2, 3].map((seed) => submit(bob, { seed })));
    await waitFor(async () => (await list('?status=queued&user=bob')).total === 3, { what: 'the queue' });
    expect(await post('/api/admin/tasks/cancel', {})).toMatchObject({ status: 422, body: { code: 'FILTER_MISSING' } });
    expect(await post('/api/admin/tasks/cancel', { user: 'bob', limit: 501 })).toMatchObject({ status: 422 });
    expect(await post('/api/admin/tasks/cancel', { user: 'alice' })).toMatchObject({ body: { cancelled: [] } });
    const { body } = await post('/api/admin/tasks/cancel', { user: 'bob', limit: 2 });
    expect(body).toMatchObject({ skipped: [], remaining: 1 });
    expect(body.cancelled).toHaveLength(2);
    await waitFor(async () => (await list('?status=queued&user=bob')).total === 1, { what: 'two cancels' });
    const rest = await post('/api/admin/tasks/cancel', { user: 'bob', status: 'queued', cursor: body.next_cursor });
    expect(rest).toMatchObject({ body: { repeated: [], skipped: [], remaining: 0, next_cursor: null } });
    expect(new Set([...(body.cancelled as string[]), ...(rest.body.cancelled as string[])])).toEqual(new Set(ids));
    expect((await waitUntilOver(bob, ids)).map(({ status }) => status)).toEqual(Array(3).fill('cancelled'));
  });

  it('are not cancelled by a filter that is misspelt', async () => {
    const answer = await admin.send('POST', '/api/admin/tasks/cancel', { status: 'queued', usr: 'bob' });
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ errors: [{ field: 'usr', message: 'There is no field usr here.' }] }),
    ]);
  });

  it('are cancelled behind those that no user has any more', async () => {
    await query(
      `INSERT INTO comfyui_shared.global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, node_id,
         created_at) SELECT CONCAT('stray-', n), 'client', 'gone', 'image_to_video', 'gone', 'gone', '2026-01-01'
       FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) numbers`,
    );
    const request = { task_type: 'image_to_video', limit: 2 };
    const { body } = await post('/api/admin/tasks/cancel', request);
    const strays = (...ids: number[]) => ids.map((id) => ({ task_id: `stray-${id}` }));
    expect(body).toMatchObject({ cancelled: [], skipped: strays(1, 2), remaining: 1 });
    const next = await post('/api/admin/tasks/cancel', { ...request, cursor: body.next_cursor });
    expect(next.body).toMatchObject({ skipped: strays(3), remaining: 0, next_cursor: null });
    await query(`DELETE FROM comfyui_shared.global_tasks WHERE source_user_id = 'gone'`);
  });

  it('get another priority while they wait, and go first by it', async () => {
    const [early, late] = [await submit(alice, { seed: 1 }), await submit(alice, { seed: 2 })];
    await waitFor(async () => (await list('?status=queued')).total === 2, { what: 'the queue' });
    for (const bad of [{ priority: 11 }, { priority: -1 }, { priority: 1.5 }, {}]) {
      expect((await post(`/api/admin/tasks/${late}/priority`, bad)).status).toBe(422);
    }
    expect((await post(`/api/admin/tasks/${late}/priority`, { priority: '5' })).body).toMatchObject({
      message: 'priority must be an integer number.',
    });
    for (let time = 0; time < 2; time += 1) {
      expect(await post(`/api/admin/tasks/${late}/priority`, { priority: 7 })).toMatchObject({ status: 200 });
    }
    expect(await admin.json('GET', `/api/admin/tasks/${late}`)).toMatchObject({ priority: 7, status: 'queued' });
    await uncordon('sim-2');
    await waitUntilOver(alice, [early, late]);
    const order = await query(
      `SELECT t.task_id FROM comfyui_shared.node_task_assignments a JOIN comfyui_shared.global_tasks t ON t.id = a.task_id
       WHERE t.task_id IN (?) ORDER BY a.id`,
      [[early, late]],
    );
    expect(order.map(({ task_id: id }) => id as string)).toEqual([late, early]);
    expect(await post(`/api/admin/tasks/${late}/priority`, { priority: 1 })).toMatchObject({
      status: 409,
      body: { code: 'TASK_NOT_QUEUED' },
    });
    const audit = await query(`SELECT before_state, after_state FROM comfyui_admin.audit_logs WHERE target_id = ?`, [
      late,
    ]);
    expect(audit).toMatchObject([{ before_state: { priority: 1 }, after_state: { priority: 7 } }]);
  });

  it('I8 I10 are taken back from a node and run elsewhere, without spending an attempt', async () => {
    await cordon('sim-2');
    await uncordon('sim-1');
    const taskId = await submit(alice, { seed: 3 });
    await waitFor(async () => (await runningOn(taskId)) === 'sim-1', { what: 'the start on the slow node' });
    await uncordon('sim-2');
    expect(await post(`/api/admin/tasks/${taskId}/requeue`)).toMatchObject({
      status: 200,
      body: { node_id: 'sim-1', message: 'The task is taken back from sim-1.' },
    });
    expect(await waitUntilOver(alice, [taskId])).toMatchObject([{ status: 'completed' }]);
    const detail = await admin.json<{ attempt_count: number; attempts: object[] }>('GET', `/api/admin/tasks/${taskId}`);
    expect(detail).toMatchObject({
      username: 'alice',
      attempt_count: 1,
      excluded_nodes: [],
      attempts: [
        { node_id: 'sim-1', status: 'failed', error_code: 'REQUEUED' },
        { node_id: 'sim-2', status: 'completed', error_code: null },
      ],
      parameters: expect.arrayContaining([{ name: 'seed', type: 'int', value: 3 }]),
      results: [{ index: 0, type: 'image', mime_type: 'image/png', url: expect.stringContaining('/outputs/') }],
    });
    const [slow] = installation.simulators;
    await waitFor(() => slow!.log.some(({ event }) => event === 'finished'), { what: 'the slow node to be rid of it' });
    expect(await post(`/api/admin/tasks/${taskId}/requeue`)).toMatchObject({
      status: 409,
      body: { code: 'TASK_NOT_RUNNING' },
    });
    expect((await post(`/api/admin/tasks/${crypto.randomUUID()}/requeue`)).status).toBe(404);
    const { events } = await admin.json<Story>('GET', `/api/admin/tasks/${taskId}/story`);
    const told = events.map(({ event, node_id: node }) => (node ? `${event} ${node}` : event));
    const expected = [
      ...['submitted', 'charged', 'assigned sim-1', 'posted sim-1', 'running sim-1', 'requeue_wished sim-1'],
      ...['attempt_ended sim-1', 'assigned sim-2', 'posted sim-2', 'attempt_ended sim-2', 'settled sim-2'],
    ];
    expect(told.filter((each) => expected.includes(each))).toEqual(expected);
    expect(told).toEqual(expect.arrayContaining(['relayed', 'admin', 'state', 'reported']));
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort());
  });

  it('are taken back from the only node that there is, and run there again', async () => {
    await cordon('sim-2');
    const taskId = await submit(bob, { seed: 4, steps: 3 });
    await waitFor(async () => (await runningOn(taskId)) === 'sim-1', { what: 'the start' });
    expect((await post(`/api/admin/tasks/${taskId}/requeue`)).status).toBe(200);
    expect(await waitUntilOver(bob, [taskId])).toMatchObject([{ status: 'completed' }]);
    const detail = await admin.json('GET', `/api/admin/tasks/${taskId}`);
    expect(detail).toMatchObject({ attempt_count: 1, attempts: [{ node_id: 'sim-1' }, { node_id: 'sim-1' }] });
  });
});
