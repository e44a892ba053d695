import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { SpoolDrainService } from '../flames/index.js';

const SWEEP_MS = 5_000;

/**
 * Brings in the log rows that wait on the disk. In every process and without a lease: the files lie on the machine of
 * whoever wrote them, and two that bring in the same file store its rows once.
 */
@Injectable()
export class FlamesSpoolJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) logger: Logger,
    drain: SpoolDrainService,
  ) {
    const round = async (signal: AbortSignal) => {
      await drain.drain(signal);
    };
    this.loop = new BackgroundLoop({ name: 'job:flames-spool', logger, sweepMs: SWEEP_MS, round });
  }

  onApplicationBootstrap(): void {
    if (this.settings.jobs.enabled) this.loop.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.loop.stop();
  }
}
