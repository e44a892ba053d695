import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';

/** Half of all turns of the event loop later than this: the process answers nobody in time, and a restart is due. */
const TOO_LATE_MS = 2_000;

/** Whether this process is alive: nothing outside of it counts, or a database that is away would have it restarted. */
@Injectable()
export class Liveness implements OnModuleInit, OnModuleDestroy {
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });

  constructor(private readonly indicators: HealthIndicatorService) {}

  onModuleInit(): void {
    this.delays.enable();
  }

  onModuleDestroy(): void {
    this.delays.disable();
  }

  check(): HealthIndicatorResult {
    const lagMs = Math.round(this.delays.percentile(50) / 1e6);
    this.delays.reset();
    const indicator = this.indicators.check('event_loop');
    return lagMs < TOO_LATE_MS
      ? indicator.up({ lag_ms: lagMs })
      : indicator.down(`The event loop lags by ${lagMs} ms.`);
  }
}
