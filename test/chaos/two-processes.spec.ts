import { waitUntilOver } from '../support/installation.js';
import type { SeparateProcess } from '../support/separate-process.js';
import { TwoProcesses } from '../support/two-processes.js';
import { waitFor } from '../support/wait-for.js';

const FENCED_TABLES = ['node_task_assignments', 'global_tasks', 'global_task_results', 'global_files', 'outbox'];
const PIN = 'INSERT INTO blobs';
const ROUNDS = Number(process.env.PROVE_ROUNDS ?? 1);
const rounds = Array.from({ length: ROUNDS }, (_, round) => round + 1);
const counted: string[] = [];

// The counts that a proof is about.
afterAll(() => {
  if (ROUNDS > 1) process.stderr.write(`${counted.sort().join('\n')}\n`);
});

describe.each(rounds)('two processes on one installation, round %i (real: both programs, MariaDB, disk)', () => {
  let both: TwoProcesses;
  let first: SeparateProcess;
  let second: SeparateProcess;

  beforeEach(async () => {
    both = await TwoProcesses.start({ nodes: 2, stepMs: 120 });
    ({ first, second } = both);
  });

  afterEach(() => both.stop());

  async function submitFour() {
    const client = await both.signIn(second);
    const submits = [1, 2, 3, 4].map((seed) =>
      client.submit({ prompt: `picture ${seed}`, width: 64, height: 64, workflow_name: 'sd_basic', seed }),
    );
    return { client, taskIds: await Promise.all(submits) };
  }

  async function submitFourAndSeeTwoRun() {
    const submitted = await submitFour();
    const running = async () => (await both.openAssignments()).filter(({ started_at: startedAt }) => startedAt);
    await waitFor(async () => (await running()).length === 2, { what: 'two running prompts' });
    return submitted;
  }

  /**
   * The first stands still with a pin sent for each of two results: what follows in it needs no node any more. Nothing
   * else of it is under way that may be written without a fence, as claims (I10) and what a relay carries.
   */
  async function freezeFirstInHarvest(): Promise<string> {
    await both.holdHarvests();
    const isHeld = async () => {
      const open = await both.openAssignments();
      const isCalm = open.length === 4 && open.every(({ started_at: startedAt }) => startedAt);
      return isCalm && (await both.countUnpublished()) === 0 && (await both.log.countWaiting('first', PIN)) >= 2;
    };
    await waitFor(isHeld, { what: 'two harvests of the first process' });
    const { owner } = await both.schedulerLease();
    first.signal('SIGSTOP');
    return owner!;
  }

  async function waitForTakeover(former: string): Promise<void> {
    const isTaken = async () => (await both.openAssignments()).every(({ owner_id: owner }) => owner !== former);
    await waitFor(isTaken, { what: 'the takeover of all open attempts' });
  }

  /** Without percentages: they are for show, never fall, and are guarded by the attempt instead of its owner (I16). */
  async function writesOfFirst() {
    const writes = await both.log.writes('first', FENCED_TABLES);
    return writes.filter(({ sql }) => !sql.includes('SET t.progress = GREATEST'));
  }

  async function waitForLateWrites(): Promise<void> {
    await waitFor(async () => (await writesOfFirst()).length >= 2, { what: 'the late writes of the first process' });
  }

  async function expectAllCompletedOnce({ client, taskIds }: Awaited<ReturnType<typeof submitFour>>): Promise<void> {
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    expect(both.accepted()).toHaveLength(taskIds.length);
    expect(await both.losses()).toEqual([]);
  }

  function expectAllMissed(when: string, late: { sql: string; rows: number }[]): void {
    const changed = late.reduce((sum, { rows }) => sum + rows, 0);
    counted.push(`${when}: ${late.length} late writes, ${changed} rows changed`);
    expect(late.length).toBeGreaterThan(0);
    expect(late.filter(({ rows }) => rows > 0)).toEqual([]);
  }

  it('I9 adopts the running prompts of a killed process and schedules in its place', async () => {
    const submitted = await submitFourAndSeeTwoRun();
    const before = await both.schedulerLease();
    first.signal('SIGKILL');
    const isTaken = async () => (await both.schedulerLease()).owner !== before.owner;
    await waitFor(isTaken, { what: 'another scheduler' });
    expect((await both.schedulerLease()).token).toBe(before.token + 1);
    submitted.taskIds.push(...(await submitFour()).taskIds);
    await expectAllCompletedOnce(submitted);
  });

  it('I8 changes no row for an owner that wakes up after the others have finished its work', async () => {
    const submitted = await submitFourAndSeeTwoRun();
    await freezeFirstInHarvest();
    await both.releaseHarvests();
    await expectAllCompletedOnce(submitted);
    await both.log.clear();
    first.signal('SIGCONT');
    await waitForLateWrites();
    await waitFor(() => /leases? lost/.test(first.output), { what: 'the late owner to notice' });
    await first.stop();
    expectAllMissed('after the end', await writesOfFirst());
    expect(await both.losses()).toEqual([]);
  });

  it('I8 changes no row for an owner that wakes up in the middle of the work of the next', async () => {
    const submitted = await submitFourAndSeeTwoRun();
    const former = await freezeFirstInHarvest();
    await waitForTakeover(former);
    // The worst case: the new owner has adopted the attempts and sleeps while the late one writes.
    second.signal('SIGSTOP');
    await both.log.clear();
    await both.releaseHarvests();
    first.signal('SIGCONT');
    await waitForLateWrites();
    const late = await writesOfFirst();
    second.signal('SIGCONT');
    expectAllMissed('in the middle', late);
    await expectAllCompletedOnce(submitted);
  });

  it('I8 changes no row under the token that a process had before it lost a node and took it back', async () => {
    const submitted = await submitFourAndSeeTwoRun();
    const former = await freezeFirstInHarvest();
    const before = await both.contested();
    await waitForTakeover(former);
    second.signal('SIGSTOP');
    first.signal('SIGCONT');
    const isTakenBack = async () => (await both.openAssignments()).every(({ owner_id: owner }) => owner === former);
    await waitFor(isTakenBack, { what: 'the first process to take everything back' });
    await both.log.clear();
    await both.releaseHarvests();
    // Its owner id is right again: the token alone tells the harvests of its former session from those of the new one.
    const tokens = before.map(({ token }) => `lease_token = ${token} AND owner_id = '${former}'`);
    const isLate = ({ sql }: { sql: string }) => tokens.some((token) => sql.includes(token));
    await waitFor(async () => (await writesOfFirst()).filter(isLate).length >= 2, {
      what: 'its writes under the former token',
    });
    second.signal('SIGCONT');
    await expectAllCompletedOnce(submitted);
    expectAllMissed('under the former token', (await writesOfFirst()).filter(isLate));
  });

  it('hands everything over at once when a process is stopped', async () => {
    const submitted = await submitFourAndSeeTwoRun();
    await first.stop();
    await expectAllCompletedOnce(submitted);
  });
});
