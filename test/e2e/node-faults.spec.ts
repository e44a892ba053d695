import type { ApiClient } from '../support/api-client.js';
import { Installation, QUICK, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';
import type { FaultKind } from '../../simulators/comfyui/faults.js';

const task = (seed: number) => ({ prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', seed });

describe('nodes that fail (real: the whole application; simulated nodes told to fail)', () => {
  let installation: Installation;
  let client: ApiClient;
  let seed = 0;

  beforeAll(async () => {
    installation = await Installation.start([{ name: 'one' }, { name: 'two' }], {
      auth: { defaultQuota: 1_000 },
      dispatch: { ...QUICK.dispatch, cancelGraceMs: 500 },
    });
    client = await installation.signIn('alice');
  });

  afterAll(() => installation.stop());

  const submitMany = (count: number) =>
    Promise.all(Array.from({ length: count }, () => client.submit(task((seed += 1)))));
  const finishedFor = (taskId: string) =>
    installation.simulators
      .flatMap(({ log }) => log)
      .filter(
        ({ event, extra_data: data }) => event === 'finished' && (data?.cws as { task?: string })?.task === taskId,
      );

  const faults: FaultKind[] = [
    'out_of_memory',
    'execution_error',
    'drop_socket',
    'deafen',
    'half_open',
    'http_500',
    'http_500_after_queue',
    'drop_answer',
    'lose_history',
    'late_history',
    'nan',
    'lose_file',
    'cut_file',
    'refuse',
    'slow',
  ];

  it.each(faults)('loses no task to %s', async (fault) => {
    for (const simulator of installation.simulators) simulator.faults.arm(fault, { times: 1, delayMs: 300 });
    const taskIds = await submitMany(4);
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
    const unspent = installation.simulators.flatMap(({ faults: board }) => board.list());
    expect(unspent.length).toBeLessThan(installation.simulators.length);
    for (const simulator of installation.simulators) simulator.faults.clear();
  });

  it('loses no task when both nodes die and come back with an empty memory', async () => {
    for (const simulator of installation.simulators) simulator.faults.arm('die', { times: 1 });
    const taskIds = await submitMany(4);
    const died = () => installation.simulators.every(({ faults: board }) => board.list().length === 0);
    await waitFor(died, { what: 'both nodes to die' });
    await Promise.all(installation.simulators.map((simulator) => simulator.restart()));
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
  });

  it('does not run a prompt again whose answer was lost: it looks for it first', async () => {
    installation.simulators.forEach(({ faults: board }) => board.arm('drop_answer', { times: 1 }));
    const [taskId] = await submitMany(1);
    await waitUntilOver(client, [taskId!]);
    expect(finishedFor(taskId!)).toHaveLength(1);
    installation.simulators.forEach(({ faults: board }) => board.clear());
  });

  it('gives a task that ran out of memory to another node, which the first is told to make room for', async () => {
    const [one, two] = installation.simulators;
    one!.faults.arm('out_of_memory', { times: 20 });
    const taskIds = await submitMany(4);
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
    const ended = taskIds.flatMap((taskId) => finishedFor(taskId));
    const outcomes = (simulator: typeof one) =>
      simulator!.log.filter((entry) => ended.includes(entry)).map(({ outcome }) => outcome);
    expect(one!.faults.list()[0]!.times).toBeLessThan(20);
    expect(outcomes(two)).toEqual(taskIds.map(() => 'success'));
    one!.faults.clear();
  });

  it('tells the user why a task failed, without the traceback, when it fails everywhere', async () => {
    installation.simulators.forEach(({ faults: board }) => board.arm('execution_error', { times: 10 }));
    const [taskId] = await submitMany(1);
    const [state] = await waitUntilOver(client, [taskId!]);
    expect(state).toMatchObject({ status: 'failed', error_code: 'EXECUTION_ERROR' });
    expect(state!.error_message).toMatch(/^The workflow failed in /);
    installation.simulators.forEach(({ faults: board }) => board.clear());
  });

  it('cancels a queued task at once and interrupts a running one on its node', async () => {
    const taskIds = await submitMany(6);
    const answer = await client.json<{ task_id: string }>('DELETE', `/api/v2/tasks/${taskIds[5]}`);
    expect(answer.task_id).toBe(taskIds[5]);
    const running = await waitFor(
      async () => {
        const states = await Promise.all(taskIds.map((id) => client.status(id)));
        return states.find(({ status }) => status === 'processing');
      },
      { what: 'a running task', everyMs: 5 },
    );
    await client.send('DELETE', `/api/v2/tasks/${running.task_id}`);
    const states = await waitUntilOver(client, taskIds);
    expect(states[5]!.status).toBe('cancelled');
    // The running one may have ended in the moment of the wish; it is cancelled or done, and nothing else is.
    expect(['cancelled', 'completed']).toContain(states.find(({ task_id: id }) => id === running.task_id)!.status);
    const others = states.filter(({ task_id: id }) => id !== running.task_id && id !== taskIds[5]);
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 'completed'));
  });

  it('I4 ends a cancelled task whose worker hangs, after the grace time', async () => {
    installation.simulators.forEach(({ faults: board }) => board.arm('hang', { times: 1 }));
    const taskIds = await submitMany(2);
    for (const taskId of taskIds) {
      await waitFor(async () => (await client.status(taskId)).status === 'processing', { what: 'a running task' });
      await client.send('DELETE', `/api/v2/tasks/${taskId}`);
    }
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    await Promise.all(installation.simulators.map((simulator) => simulator.restart()));
    installation.simulators.forEach(({ faults: board }) => board.clear());
  });

  it('takes up running prompts after a restart instead of running them again', async () => {
    const taskIds = await submitMany(8);
    await waitFor(async () => (await client.status(taskIds[0]!)).status !== 'queued', { what: 'work on the nodes' });
    await installation.app.close();
    await installation.startApp();
    client = await installation.signIn('alice');
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    expect(taskIds.map((taskId) => finishedFor(taskId).length)).toEqual(taskIds.map(() => 1));
  });
});

describe('a node whose history is short (real: the whole application; a simulated node)', () => {
  it('loses no task whose entry was trimmed away before anybody looked', async () => {
    const installation = await Installation.start([{ maxHistory: 1 }], { auth: { defaultQuota: 100 } });
    try {
      const [node] = installation.simulators;
      node!.faults.arm('drop_socket', { times: 3 });
      node!.faults.arm('slow', { times: 6, delayMs: 200, path: '/queue' });
      const client = await installation.signIn('alice');
      const taskIds = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => client.submit(task(seed))));
      const states = await waitUntilOver(client, taskIds);
      expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
    } finally {
      await installation.stop();
    }
  });
});
