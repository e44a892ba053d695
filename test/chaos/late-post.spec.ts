import { waitUntilOver } from '../support/installation.js';
import { TwoProcesses } from '../support/two-processes.js';
import { waitFor } from '../support/wait-for.js';

/** Longer than a takeover and the wait for the POST's time-out take; the next attempt runs for about as long again. */
const LATE_MS = 10_000;
const STEP_MS = 400;

describe('a prompt that reaches its node long after its sender froze (real: both programs, MariaDB, disk)', () => {
  let both: TwoProcesses;

  beforeAll(async () => {
    both = await TwoProcesses.start({ nodes: 1, stepMs: STEP_MS });
  });

  afterAll(() => both.stop());

  it('I13 is taken off the node, and its task ends once by the attempt of the next owner', async () => {
    const [node] = both.simulators;
    node!.faults.arm('slow', { path: '/prompt', delayMs: LATE_MS });
    const client = await both.signIn(both.second);
    const task = { prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', seed: 1 };
    const taskIds = [await client.submit(task)];
    await waitFor(() => node!.faults.list().length === 0, { what: 'the POST on its way' });
    both.first.signal('SIGSTOP');
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(['completed']);
    await waitFor(() => both.accepted().length === 2, { what: 'the late prompt', timeoutMs: LATE_MS });
    const attempts = await both.shared.query<{ assignment_id: string; status: string }[]>(
      'SELECT assignment_id, status FROM node_task_assignments ORDER BY id',
    );
    expect(attempts.map(({ status }) => status)).toEqual(['failed', 'completed']);
    const endOf = (promptId: string) =>
      node!.log
        .filter(({ prompt_id: id, event }) => id === promptId && ['finished', 'deleted'].includes(event))
        .map(({ event, outcome }) => outcome ?? event);
    const [late, next] = attempts.map(({ assignment_id: id }) => endOf(id));
    expect(['deleted', 'interrupted']).toContain(late!.join());
    expect(next).toEqual(['success']);
    expect(await both.losses()).toEqual([]);
  });
});
