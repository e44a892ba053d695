import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LOGGER, Traces, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';

/** A collector that is away holds a stop up no longer than this. */
const CLOSE_WITHIN_MS = 3_000;

/** Opens traces where the settings name a collector. */
@Injectable()
export class TracesLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly traces: Traces,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const { otlpEndpoint: endpoint, serviceName } = this.settings.telemetry;
    if (endpoint !== '') await this.traces.open({ endpoint, serviceName });
  }

  async onApplicationShutdown(): Promise<void> {
    const closed = this.traces.close().catch((error: unknown) => {
      this.logger.warn({ reason: (error as Error).message }, 'the last traces were not sent');
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([closed, tooLate]);
    clearTimeout(timer);
  }
}
