import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CommonModule } from './common.module.js';
import { createLogger, LOGGER, rootOf, tapOf, type Logger } from './logger.js';

const FACTORY_MADE = Symbol('made by a factory');
let made = 0;

@Injectable()
class Asking {
  inits = 0;

  constructor(@Inject(LOGGER) readonly logger: Logger) {
    made += 1;
  }

  onModuleInit(): void {
    this.inits += 1;
  }
}

@Injectable()
class AskingToo {
  constructor(
    @Inject(LOGGER) readonly logger: Logger,
    readonly other: Asking,
  ) {}
}

@Module({
  providers: [
    Asking,
    AskingToo,
    { provide: FACTORY_MADE, inject: [LOGGER, Asking], useFactory: (logger: Logger) => ({ logger }) },
  ],
})
class AskingModule {}

describe('the logger that classes ask for', () => {
  const root = createLogger({ level: 'silent', pretty: false, databaseLevel: 'info' });
  const open = async () => {
    made = 0;
    const services = await Test.createTestingModule({ imports: [CommonModule.with(root), AskingModule] }).compile();
    return services.init();
  };

  it('names the class, and nobody where a factory asks', async () => {
    const services = await open();
    expect(services.get(Asking).logger.bindings()).toEqual({ component: 'Asking' });
    expect(services.get(AskingToo).logger.bindings()).toEqual({ component: 'AskingToo' });
    expect(services.get<{ logger: Logger }>(FACTORY_MADE).logger).toBe(root);
    expect(await services.resolve<Logger>(LOGGER)).toBe(root);
  });

  it('leaves who asks for it the only one of its class, and belongs to the same process', async () => {
    const services = await open();
    const asking = services.get(Asking);
    expect(services.get(AskingToo).other).toBe(asking);
    expect({ made, inits: asking.inits }).toEqual({ made: 1, inits: 1 });
    expect(rootOf(asking.logger.child({ taskId: 't' }))).toBe(root);
    expect(tapOf(asking.logger)).toBe(tapOf(root));
  });
});
