import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock } from './clock.js';
import { HostLoad } from './host-load.js';
import { Metrics } from './metrics.js';
import { LOGGER, type Logger } from './logger.js';
import { Traces } from './traces.js';

/** What every part may ask for: the clock, the logger, and where to count. */
@Global()
@Module({})
export class CommonModule {
  static with(logger: Logger): DynamicModule {
    return {
      module: CommonModule,
      providers: [Clock, HostLoad, Metrics, Traces, { provide: LOGGER, useValue: logger }],
      exports: [Clock, HostLoad, LOGGER, Metrics, Traces],
    };
  }
}
