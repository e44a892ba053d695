import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { PerformanceMetricsRepository, type Sample } from '../admin/index.js';
import { Clock, LOGGER, Metrics, percentile, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';

const MINUTE_MS = 60_000;
/** Enough for a percentile; of more, each has the same chance to be among them. */
const MOST_TIMES = 5_000;

/** The requests of a minute in this process: how many, how many failed, how long they took. */
@Injectable()
export class ApiMinutes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly process = randomUUID().slice(0, 8);
  private requests = 0;
  private errors = 0;
  private times: number[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rows: PerformanceMetricsRepository,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { server, jobs } = this.settings;
    if (!server.roles.includes('api') || !jobs.enabled) return;
    this.metrics.onRequest(({ status, seconds }) => this.note(status, seconds));
    this.waitForMinute();
  }

  /** The minute that has begun is written as it is: this process will not see its end. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.timer) return;
    clearTimeout(this.timer);
    await this.write(this.minuteAfter());
  }

  private note(status: number, seconds: number): void {
    this.requests += 1;
    if (status >= 500) this.errors += 1;
    if (this.times.length < MOST_TIMES) this.times.push(seconds);
    else if (Math.random() * this.requests < MOST_TIMES) this.times[Math.floor(Math.random() * MOST_TIMES)] = seconds;
  }

  private waitForMinute(): void {
    const end = this.minuteAfter();
    this.timer = setTimeout(() => {
      void this.write(end);
      this.waitForMinute();
    }, end.getTime() - this.clock.now().getTime());
    this.timer.unref();
  }

  private minuteAfter(): Date {
    return new Date((Math.floor(this.clock.now().getTime() / MINUTE_MS) + 1) * MINUTE_MS);
  }

  /**
   * Never throws: what a database that is away does not take is counted nowhere else. A minute that comes again, since
   * the clock was set back, is counted in the next one that does not.
   */
  private async write(recordedAt: Date): Promise<void> {
    const { requests, errors, times } = this;
    this.requests = this.errors = 0;
    this.times = [];
    try {
      const samples = this.toSamples(requests, errors, times);
      if (await this.rows.write({ source: `api:${this.process}`, recordedAt, samples })) return;
      this.requests += requests;
      this.errors += errors;
      this.times = [...times, ...this.times].slice(0, MOST_TIMES);
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'the requests of a minute were not written down');
    }
  }

  private toSamples(requests: number, errors: number, times: number[]): Sample[] {
    const tags = { process: this.process };
    const p95 = percentile(times, 0.95);
    return [
      { type: 'api', name: 'requests', value: requests, unit: 'requests', tags },
      { type: 'api', name: 'errors', value: errors, unit: 'requests', tags },
      ...(p95 === undefined ? [] : [{ type: 'api' as const, name: 'p95', value: p95, unit: 'seconds', tags }]),
    ];
  }
}
