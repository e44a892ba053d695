import { waitUntilOver } from '../support/installation.js';
import type { SeparateProcess } from '../support/separate-process.js';
import { TwoProcesses, USERS } from '../support/two-processes.js';
import { waitFor } from '../support/wait-for.js';

const NODES = 3;
const HAND_OVERS = 4;
const TASKS_A_HAND_OVER = 4;
const ROUNDS = Number(process.env.PROVE_ROUNDS ?? 1);
const rounds = Array.from({ length: ROUNDS }, (_, round) => round + 1);
const counted: string[] = [];

// The counts that a proof is about.
afterAll(() => {
  if (ROUNDS > 1) process.stderr.write(`${counted.join('\n')}\n`);
});

describe.each(rounds)('two processes that fight for one installation, round %i (real: both, MariaDB, disk)', () => {
  let both: TwoProcesses;
  let looks: number;
  let doubled: unknown[];
  let taskIds: Map<string, string[]>;
  let seed: number;

  beforeEach(async () => {
    both = await TwoProcesses.start({ nodes: NODES, stepMs: 80 });
    [looks, doubled, seed] = [0, [], 0];
    taskIds = new Map(USERS.map((username) => [username, []]));
  });

  afterEach(() => both.stop());

  async function submitSome(living: SeparateProcess): Promise<void> {
    for (const username of USERS) {
      const client = await both.signIn(living, username);
      for (let left = TASKS_A_HAND_OVER / USERS.length; left > 0; left -= 1) {
        seed += 1;
        const task = { prompt: `picture ${seed}`, width: 64, height: 64, workflow_name: 'sd_basic', seed };
        taskIds.get(username)!.push(await client.submit(task));
      }
    }
  }

  /** Two open attempts of one task, or in one slot of a node, must never be seen (I10). */
  async function look(): Promise<void> {
    const open = await both.openAssignments();
    const slots = open.filter(({ slot }) => slot !== null).map(({ node_id: nodeId, slot }) => `${nodeId}/${slot}`);
    looks += 1;
    if (new Set(slots).size < slots.length || new Set(open.map((row) => row.task_id)).size < open.length)
      doubled.push(open);
  }

  async function waitForHandOver(former: string): Promise<string> {
    const isOver = async () => {
      await look();
      return (await both.contested()).every(({ owner }) => owner !== null && owner !== former);
    };
    await waitFor(isOver, { timeoutMs: 20_000, what: `every lease of ${former} to be taken over` });
    return (await both.schedulerLease()).owner!;
  }

  async function expectOneEndEach(living: SeparateProcess): Promise<void> {
    for (const [username, ids] of taskIds) {
      const states = await waitUntilOver(await both.signIn(living, username), ids);
      expect(states.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      await look();
    }
    expect(new Set(both.accepted()).size).toBe(both.accepted().length);
    expect(doubled).toEqual([]);
    expect(await both.losses()).toEqual([]);
  }

  it('I8 I9 I10 ends every task once while scheduler and nodes change hands again and again', async () => {
    const before = await both.contested();
    let owner = before[0]!.owner!;
    let [holder, other] = [both.first, both.second];
    await submitSome(other);
    for (let handOver = 1; handOver <= HAND_OVERS; handOver += 1) {
      await waitFor(async () => (await both.openAssignments()).length > 0, { what: 'work on the nodes' });
      holder.signal('SIGSTOP');
      await submitSome(other);
      owner = await waitForHandOver(owner);
      // Awake again, the former holder finds itself robbed just when the new one goes silent.
      holder.signal('SIGCONT');
      [holder, other] = [other, holder];
    }
    holder.signal('SIGKILL');
    await submitSome(other);
    await waitForHandOver(owner);
    await both.startProcess('first');
    await expectOneEndEach(other);
    const growth = (await both.contested()).map(({ token }, index) => token - before[index]!.token);
    expect(Math.min(...growth)).toBeGreaterThanOrEqual(HAND_OVERS + 1);
    const tasks = [...taskIds.values()].flat().length;
    counted.push(`${tasks} tasks, ${both.accepted().length} prompts, ${growth.join('+')} hand-overs, ${looks} looks`);
  }, 120_000);
});
