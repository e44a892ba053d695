import { SchedulerRegistry } from '@nestjs/schedule';
import type { INestApplicationContext } from '@nestjs/common';
import { JobRunsRepository } from '../../../src/admin/index.js';
import { createLogger, Metrics } from '../../../src/common/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { JobRunner } from '../../../src/jobs/job-runner.js';
import type { Job } from '../../../src/jobs/job.js';
import { JobsClock } from '../../../src/jobs/jobs-clock.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR_MS = 3_600_000;
const logger = createLogger({ level: 'silent', pretty: false });

describe('the clock of jobs (real: MariaDB, its ticks; time is moved by hand)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let clock: TestClock;
  let clocks: JobsClock[];

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
    clocks = [];
    await app.get<Database>(databaseToken('admin'), { strict: false }).run('DELETE FROM job_runs');
  });

  afterEach(() => Promise.all(clocks.map((each) => each.onModuleDestroy())));

  function startProcess(job: Job): void {
    const database = app.get<Database>(databaseToken('shared'), { strict: false });
    const leases = new LeaseKeeper({ database, clock, logger, ttlMs: 10_000, renewMs: 3_600_000 });
    const runs = app.get(JobRunsRepository, { strict: false });
    const runner = new JobRunner([job], runs, leases, clock, new Metrics(), logger);
    const started = new JobsClock(runner, runs, new SchedulerRegistry(), clock, server.settings, logger);
    clocks.push(started);
    started.onApplicationBootstrap();
  }

  const makeJob = (dues: Date[], fails = () => false) => ({
    name: 'hourly',
    description: 'Counts.',
    schedule: '0 5 * * * *',
    run: ({ dueAt }: { dueAt: Date }) => {
      dues.push(dueAt);
      return fails() ? Promise.reject(new Error('not yet')) : Promise.resolve();
    },
  });

  it('catches up once what was missed, however often, and goes on from there', async () => {
    const dues: Date[] = [];
    const job = makeJob(dues);
    startProcess(job);
    startProcess(job);
    await waitFor(() => dues.length === 1);
    clock.advance(5 * HOUR_MS);
    await waitFor(() => dues.length === 2);
    expect(dues[1]!.getTime() - dues[0]!.getTime()).toBe(5 * HOUR_MS);
    clock.advance(HOUR_MS);
    await waitFor(() => dues.length === 3);
    expect(dues[2]!.getTime() - dues[1]!.getTime()).toBe(HOUR_MS);
  });

  it('tries a failed run again after a pause, for the same moment', async () => {
    const dues: Date[] = [];
    startProcess(makeJob(dues, () => dues.length === 1));
    await waitFor(() => dues.length === 1);
    clock.advance(60_000);
    await waitFor(() => dues.length === 2);
    const hourOf = (due: Date) => Math.floor(due.getTime() / HOUR_MS);
    expect(hourOf(dues[1]!) - hourOf(dues[0]!)).toBeLessThanOrEqual(1);
  });

  it('tries what failed again before the next minute, and waits twice as long each further time', async () => {
    const dues: Date[] = [];
    startProcess({ ...makeJob(dues, () => true), schedule: 60_000 });
    await waitFor(() => dues.length === 1);
    const waits: number[] = [];
    while (waits.length < 4) {
      const begun = dues.length;
      let waitedMs = 0;
      await waitFor(() => {
        if (dues.length > begun) return true;
        clock.advance(1_000);
        waitedMs += 1_000;
        return false;
      });
      waits.push(waitedMs);
    }
    expect(waits[0]).toBeLessThan(60_000);
    for (const [index, leastMs] of [10_000, 20_000, 40_000, 80_000].entries())
      expect(waits[index]).toBeGreaterThanOrEqual(leastMs);
  });
});
