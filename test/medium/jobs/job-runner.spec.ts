import type { INestApplicationContext } from '@nestjs/common';
import { JobRunsRepository } from '../../../src/admin/index.js';
import { type Clock, createLogger, Metrics } from '../../../src/common/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { JobRunner } from '../../../src/jobs/job-runner.js';
import type { Job, JobContext } from '../../../src/jobs/job.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

const TTL_MS = 10_000;
const DUE = new Date('2026-11-22T10:05:00Z');
const logger = createLogger({ level: 'silent', pretty: false });

describe('runs of jobs (real: MariaDB; two processes are two runners with leases of their own)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let clock: TestClock;
  let runners: JobRunner[];

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    clock = new TestClock();
    runners = [];
    await databaseOf('admin').run('DELETE FROM job_runs');
    await databaseOf('shared').run(`DELETE FROM leases WHERE name LIKE 'job:%'`);
  });

  afterEach(() => Promise.all(runners.map((runner) => runner.onModuleDestroy())));

  const databaseOf = (name: 'admin' | 'shared') => app.get<Database>(databaseToken(name), { strict: false });
  const runs = () => app.get(JobRunsRepository, { strict: false });

  function makeProcess(job: Job, own: Clock = clock) {
    const database = databaseOf('shared');
    const leases = new LeaseKeeper({ database, clock: own, logger, ttlMs: TTL_MS, renewMs: 3_600_000 });
    const runner = new JobRunner([job], runs(), leases, own, new Metrics(), logger);
    runner.graceMs = 50;
    runners.push(runner);
    return { runner, leases };
  }

  const makeJob = (run: (context: JobContext) => Promise<unknown> = () => Promise.resolve(), more: Partial<Job> = {}) =>
    ({ name: 'chore', description: 'Does it.', schedule: 60_000, run, ...more }) as Job;

  /** A job that goes on until it is let go; how often it began is counted. */
  function makeHeldJob(more: Partial<Job> = {}) {
    const held = { begun: 0, signals: [] as AbortSignal[], release: () => undefined as void };
    const job = makeJob(({ signal }) => {
      held.begun += 1;
      held.signals.push(signal);
      return new Promise<void>((resolve) => (held.release = resolve));
    }, more);
    return { job, held };
  }

  /** In the order of their first beginnings. */
  async function listRuns() {
    const { items } = await runs().listOf('chore', { limit: 100, offset: 0 });
    return items.sort((a, b) => Number(a.id) - Number(b.id));
  }

  it('run a due moment once, however many processes try, at once and one after the other', async () => {
    let begun = 0;
    const job = makeJob(() => Promise.resolve({ number: (begun += 1) }));
    const processes = [makeProcess(job), makeProcess(job), makeProcess(job)];
    await Promise.all(processes.flatMap(({ runner }) => [runner.runDue(job, DUE), runner.runDue(job, DUE)]));
    for (const { runner } of processes) expect(await runner.runDue(job, DUE)).toBeUndefined();
    expect(begun).toBe(1);
    expect(await listRuns()).toMatchObject([{ runKey: DUE.toISOString(), status: 'done', result: { number: 1 } }]);
  });

  it('leave no lease behind when one process is asked twice at once', async () => {
    const job = makeJob();
    const first = makeProcess(job);
    await Promise.all([1, 2, 3].map((minute) => first.runner.runDue(job, new Date(DUE.getTime() + minute * 60_000))));
    expect(await makeProcess(job).runner.runDue(job, DUE)).toMatchObject({ status: 'done' });
  });

  it('I9 begin anew what a killed process left, once the lease stood still for its time to live', async () => {
    const { job } = makeHeldJob();
    const killed = makeProcess(job);
    await killed.runner.start('chore', {});
    void killed.runner.runDue(job, DUE);
    const next = makeProcess(makeJob());
    const early = await next.runner.runDue(job, DUE);
    expect(early).toBeUndefined();
    clock.advance(TTL_MS);
    expect(await next.runner.runDue(makeJob(), DUE)).toMatchObject({ status: 'done' });
    expect(await listRuns()).toMatchObject([
      { runKey: expect.stringContaining('manual:'), status: 'failed', error: 'Its process ended before it did.' },
      { runKey: DUE.toISOString(), status: 'done', owner: next.leases.ownerId },
    ]);
  });

  it('I8 are not ended, nor taken back, by an owner whose lease went to another', async () => {
    const { job, held } = makeHeldJob();
    const old = makeProcess(job);
    const run = old.runner.runDue(job, DUE);
    await waitFor(() => held.begun === 1);
    const next = makeProcess(job);
    expect(await next.runner.runDue(job, DUE)).toBeUndefined();
    clock.advance(TTL_MS);
    const second = next.runner.runDue(job, DUE);
    const releaseFirst = held.release;
    await waitFor(() => held.begun === 2);
    releaseFirst();
    await run;
    expect(await listRuns()).toMatchObject([{ status: 'running', owner: next.leases.ownerId }]);
    const stale = { jobName: 'chore', runKey: DUE.toISOString(), owner: old.leases.ownerId, leaseToken: 1 };
    expect(await runs().begin(stale, new Date(), new Date())).toBe(false);
    held.release();
    expect(await second).toMatchObject({ status: 'done' });
    expect(await listRuns()).toMatchObject([{ status: 'done', owner: next.leases.ownerId }]);
  });

  it('I8 are told to stop when the lease is lost in the middle', async () => {
    const job = makeJob(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ half: true }))),
    );
    const own = new TestClock();
    const { runner, leases } = makeProcess(job, own);
    const run = runner.runDue(job, DUE);
    await waitFor(async () => (await listRuns()).length === 1);
    own.advance(TTL_MS + 1);
    leases.start();
    expect(await run).toMatchObject({
      status: 'failed',
      error: 'Another process took its lease over. It was interrupted.',
    });
    await leases.stop();
  });

  it('are logged with their error, and tried again by anybody after a pause alone', async () => {
    let fails = true;
    const job = makeJob(() => (fails ? Promise.reject(new Error('no disk')) : Promise.resolve()));
    const [first, second] = [makeProcess(job), makeProcess(job)];
    expect(await first.runner.runDue(job, DUE)).toMatchObject({ status: 'failed', error: 'no disk' });
    expect(await listRuns()).toMatchObject([{ status: 'failed', error: 'no disk' }]);
    fails = false;
    expect(await second.runner.runDue(job, DUE)).toBeUndefined();
    clock.advance(60_000);
    expect(await second.runner.runDue(job, DUE)).toMatchObject({ status: 'done' });
    expect(await listRuns()).toMatchObject([{ status: 'done', error: null }]);
  });

  it('are refused by hand while one goes on, here and elsewhere', async () => {
    const { job, held } = makeHeldJob();
    const [here, elsewhere] = [makeProcess(job), makeProcess(job)];
    const { ended } = await here.runner.start('chore', {});
    for (const { runner } of [here, elsewhere])
      await expect(runner.start('chore', {})).rejects.toMatchObject({ kind: 'conflict', code: 'JOB_RUNS' });
    held.release();
    await ended;
    const again = await elsewhere.runner.start('chore', {});
    held.release();
    expect(await again.ended).toMatchObject({ status: 'done' });
  });

  it('are given up when they hang, and hold up neither the next nor the stop of their process', async () => {
    const { job, held } = makeHeldJob({ timeLimitMs: 50 });
    const { runner } = makeProcess(job);
    expect(await runner.runDue(job, DUE)).toMatchObject({
      status: 'failed',
      error: 'It took longer than 0.05 s. It did not stop, and was left to itself.',
    });
    expect(held.signals[0]!.aborted).toBe(true);
    const next = runner.runDue(job, new Date(DUE.getTime() + 60_000));
    await waitFor(() => held.begun === 2);
    await runner.onModuleDestroy();
    expect(await next).toMatchObject({ status: 'failed' });
  });

  it.each([
    ['a circle', () => Object.assign(circle, { circle }), { unreadable: expect.stringContaining('JSON') }],
    ['a bigint', () => ({ bytes: 2n ** 60n }), { bytes: String(2n ** 60n) }],
    ['a book', () => ({ text: 'x'.repeat(70_000) }), { unreadable: expect.stringContaining('70011') }],
  ])('are done although their result is %s', async (_what, makeResult, kept) => {
    const job = makeJob(() => Promise.resolve(makeResult()));
    expect(await makeProcess(job).runner.runDue(job, DUE)).toMatchObject({ status: 'done', result: kept });
    expect(await listRuns()).toMatchObject([{ result: kept }]);
  });

  it('do not count as done while their moment is still to come: a clock that was ahead silences no job', async () => {
    const job = makeJob();
    await makeProcess(job).runner.runDue(job, new Date('2036-01-01T00:00:00Z'));
    await makeProcess(job).runner.runDue(job, DUE);
    expect(await runs().findLastDone('chore', new Date('2026-12-01T00:00:00Z'))).toEqual(DUE);
  });

  it('take no options where the job knows none', async () => {
    const { runner } = makeProcess(makeJob());
    await expect(runner.start('chore', { from: 'x' })).rejects.toMatchObject({ kind: 'invalid_input' });
    await expect(runner.start('nothing', {})).rejects.toMatchObject({ kind: 'not_found' });
    expect(await listRuns()).toEqual([]);
  });
});

const circle: Record<string, unknown> = {};
