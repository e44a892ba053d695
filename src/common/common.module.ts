import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock } from './clock.js';
import { LOGGER, type Logger } from './logger.js';

/** What every part may ask for: the clock and the logger. */
@Global()
@Module({})
export class CommonModule {
  static with(logger: Logger): DynamicModule {
    return {
      module: CommonModule,
      providers: [Clock, { provide: LOGGER, useValue: logger }],
      exports: [Clock, LOGGER],
    };
  }
}
