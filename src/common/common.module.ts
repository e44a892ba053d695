import { Global, Module, Scope, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { INQUIRER } from '@nestjs/core';
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
      providers: [Clock, HostLoad, Metrics, Traces, loggerOfEach(logger)],
      exports: [Clock, HostLoad, LOGGER, Metrics, Traces],
    };
  }
}

/** Each class that asks gets a logger that names it; what a factory makes has no class to name yet. */
function loggerOfEach(logger: Logger): FactoryProvider<Logger> {
  return {
    provide: LOGGER,
    scope: Scope.TRANSIENT,
    inject: [INQUIRER],
    useFactory: (asking?: object) => (asking ? logger.child({ component: asking.constructor.name }) : logger),
  };
}
