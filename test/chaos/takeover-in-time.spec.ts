import { waitUntilOver } from '../support/installation.js';
import { TwoProcesses } from '../support/two-processes.js';
import { TAKEOVER_WITHIN_MS, waitFor } from '../support/wait-for.js';

/** The proof takes a task of a minute; what counts is that it is longer than the takeover. */
const TASK_SECONDS = Number(process.env.PROVE_TASK_SECONDS ?? 30);
const STEPS = 20;

describe('the owner of a long task is killed (real: both programs, MariaDB, disk; leases as in production)', () => {
  let both: TwoProcesses;

  beforeEach(async () => {
    const dispatch = { leaseTtlMs: 10_000, leaseRenewMs: 3_000 };
    both = await TwoProcesses.start({ nodes: 1, stepMs: (TASK_SECONDS * 1_000) / STEPS, dispatch });
  }, 120_000);

  afterEach(() => both.stop());

  it(
    `I14 has its prompt adopted within ${TAKEOVER_WITHIN_MS / 1_000} s, which ends on the same node, run once`,
    async () => {
      const client = await both.signIn(both.second);
      const taskId = await client.submit({
        ...{ prompt: 'a long one', width: 64, height: 64, workflow_name: 'sd_basic', seed: 1, steps: STEPS },
      });
      const running = async () => (await both.openAssignments()).find(({ started_at: startedAt }) => startedAt);
      const before = await waitFor(running, { what: 'the running prompt' });
      const killedMs = performance.now();
      both.first.signal('SIGKILL');
      const isAdopted = async () => (await running())?.owner_id !== before.owner_id;
      await waitFor(isAdopted, { timeoutMs: TAKEOVER_WITHIN_MS, what: 'the takeover' });
      process.stdout.write(`taken over after ${Math.round(performance.now() - killedMs)} ms\n`);
      // Adopted while it ran, not found when it was over.
      expect((await running())?.started_at).toEqual(before.started_at);
      const [state] = await waitUntilOver(client, [taskId], (TASK_SECONDS + 30) * 1_000);
      expect(state!.status).toBe('completed');
      const events = both.simulators[0]!.log.map(({ event, outcome }) => (outcome ? `${event}: ${outcome}` : event));
      expect(events).toEqual(['accepted', 'started', 'finished: success']);
      expect(await both.losses()).toEqual([]);
    },
    (TASK_SECONDS + 120) * 1_000,
  );
});
