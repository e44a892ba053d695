import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { JobRunsRepository } from '../admin/index.js';
import { Clock, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Job } from './job.js';
import { JobRunner } from './job-runner.js';
import { Schedule } from './schedule.js';

/** How often due moments are looked for: also after the machine slept or its clock was set. */
const TICK_MS = 250;
/** What keeps failing is tried so often at least. */
const LONGEST_WAIT_MS = 3_600_000;
/** What was never run counts as run so long ago, so that a new installation begins with it. */
const NEVER = new Date(0);

interface Timetable {
  job: Job;
  schedule: Schedule;
  /** Undefined until the rows were asked. */
  last: Date | undefined;
  notBeforeMs: number;
  /** One after the other. */
  failures: number;
  running: Promise<void> | undefined;
}

/**
 * Starts jobs when they are due, in processes with the role `jobs`. It compares due moments with those that are done:
 * what was missed while nothing ran is caught up once.
 */
@Injectable()
export class JobsClock implements OnApplicationBootstrap, OnModuleDestroy {
  private isStopping = false;
  private readonly timetables: Timetable[];

  constructor(
    private readonly runner: JobRunner,
    private readonly runs: JobRunsRepository,
    private readonly registry: SchedulerRegistry,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.timetables = runner.jobs.map((job) => ({
      job,
      schedule: new Schedule(job.schedule),
      last: undefined,
      notBeforeMs: 0,
      failures: 0,
      running: undefined,
    }));
  }

  onApplicationBootstrap(): void {
    const { server, jobs } = this.settings;
    if (!jobs.enabled || !server.roles.includes('jobs')) return;
    this.registry.addInterval(
      'jobs',
      setInterval(() => this.tick(), TICK_MS),
    );
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    if (this.registry.doesExist('interval', 'jobs')) this.registry.deleteInterval('jobs');
    await Promise.all(this.timetables.flatMap(({ running }) => running ?? []));
  }

  private tick(): void {
    for (const timetable of this.timetables) {
      if (timetable.running || this.clock.monotonicMs() < timetable.notBeforeMs) continue;
      timetable.running = this.look(timetable)
        .catch((error: unknown) => {
          if (this.isStopping) return;
          this.putOff(timetable);
          this.logger.error({ err: error, job: timetable.job.name }, 'a job could not be started');
        })
        .finally(() => (timetable.running = undefined));
    }
  }

  private async look(timetable: Timetable): Promise<void> {
    const { job, schedule } = timetable;
    const now = this.clock.now();
    // A clock that was set back makes the last run one of the future.
    if (!timetable.last || timetable.last > now)
      timetable.last = (await this.runs.findLastDone(job.name, now)) ?? NEVER;
    const dueAt = schedule.missedSince(timetable.last, now);
    if (!dueAt) return;
    const outcome = await this.runner.runDue(job, dueAt);
    if (outcome?.status === 'failed') this.putOff(timetable);
    else if (outcome) Object.assign(timetable, { last: dueAt, failures: 0 });
    // Done, being done or failed elsewhere: the rows say which.
    else await this.learn(timetable, now);
  }

  /** Twice as long each time: what fails all day is not tried, and logged, each minute of it. */
  private putOff(timetable: Timetable): void {
    const waitMs = Math.min(LONGEST_WAIT_MS, timetable.schedule.retryMs * 2 ** timetable.failures);
    timetable.failures += 1;
    timetable.notBeforeMs = this.clock.monotonicMs() + waitMs;
  }

  private async learn(timetable: Timetable, now: Date): Promise<void> {
    const done = await this.runs.findLastDone(timetable.job.name, now);
    if (done && done > timetable.last!) Object.assign(timetable, { last: done, failures: 0 });
    else timetable.notBeforeMs = this.clock.monotonicMs() + 1_000;
  }
}
