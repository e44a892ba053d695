import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { forecastQueue, summariseRunTimes, type Forecast, type RunTime } from './forecast-queue.js';
import { WatchedTasksRepository } from './watched-tasks.repository.js';

/** Tasks further back are told no place: the answer would change before they read it. */
const LONGEST_QUEUE = 1_000;
const RECENT_RUNS = 500;
const KEEP_QUEUE_MS = 2_000;
const KEEP_RUN_TIMES_MS = 10_000;

/** Where waiting tasks stand: three short reads every other second, however many users ask. */
@Injectable()
export class QueueForecastsService {
  private queue: { value: Map<string, Forecast>; readAtMs: number } | undefined;
  private runTimes: { value: Map<string, RunTime>; readAtMs: number } | undefined;

  constructor(
    private readonly tasks: WatchedTasksRepository,
    private readonly clock: Clock,
  ) {}

  /** By task id; the same object as long as nothing was read anew. `now`: the database's time. */
  async get(now: Date): Promise<Map<string, Forecast>> {
    const nowMs = this.clock.monotonicMs();
    if (this.queue && nowMs - this.queue.readAtMs < KEEP_QUEUE_MS) return this.queue.value;
    const [waiting, running, runTimes] = await Promise.all([
      this.tasks.listActive('queued', LONGEST_QUEUE),
      this.tasks.listActive('processing', LONGEST_QUEUE),
      this.getRunTimes(nowMs),
    ]);
    this.queue = { value: forecastQueue({ waiting, running }, runTimes, now), readAtMs: nowMs };
    return this.queue.value;
  }

  private async getRunTimes(nowMs: number): Promise<Map<string, RunTime>> {
    if (!this.runTimes || nowMs - this.runTimes.readAtMs >= KEEP_RUN_TIMES_MS) {
      this.runTimes = { value: summariseRunTimes(await this.tasks.listRunTimes(RECENT_RUNS)), readAtMs: nowMs };
    }
    return this.runTimes.value;
  }
}
