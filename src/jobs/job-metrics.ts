import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, Metrics } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Job } from './job.js';
import { JOBS } from './jobs.js';
import { Schedule } from './schedule.js';

/** Says which jobs there are and how often they are due: without that, nobody could tell a run that is missing. */
@Injectable()
export class JobMetrics implements OnApplicationBootstrap {
  constructor(
    @Inject(JOBS) private readonly jobs: Job[],
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.jobs.enabled) return;
    for (const { name, schedule } of this.jobs) {
      const timetable = new Schedule(schedule);
      const due = timetable.nextAfter(this.clock.now());
      this.metrics.announceJob(name, (timetable.nextAfter(due).getTime() - due.getTime()) / 1_000);
    }
  }
}
