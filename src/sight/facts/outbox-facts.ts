import { Injectable } from '@nestjs/common';
import { InjectOutbox, OutboxReader } from '../../database/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

/** What one outbox holds that was not carried on yet. */
class OneOutbox implements FactSource {
  readonly name: string;
  readonly told = [{ reset: () => this.forget() }];

  constructor(
    private readonly outbox: string,
    private readonly gauges: ReturnType<typeof makeGauges>,
    private readonly reader: OutboxReader,
  ) {
    this.name = `outbox_${outbox}`;
  }

  async read(): Promise<() => void> {
    const { pending, parked, oldestSeconds } = await this.reader.getBacklog();
    const { outbox, gauges } = this;
    return () => {
      gauges.pending.set({ outbox }, pending);
      gauges.age.set({ outbox }, oldestSeconds);
      gauges.parked.set({ outbox }, parked);
    };
  }

  /** Only this one's: the others are known. */
  private forget(): void {
    for (const told of Object.values(this.gauges)) told.remove({ outbox: this.outbox });
  }
}

function makeGauges(registry: FactRegistry) {
  return {
    pending: gauge(registry, 'cws_outbox_pending_events', 'Events that wait to be carried.', ['outbox']),
    age: gauge(registry, 'cws_outbox_oldest_seconds', 'How long the oldest of them has waited.', ['outbox']),
    parked: gauge(registry, 'cws_outbox_parked_events', 'Events set aside, for a person to look at.', ['outbox']),
  };
}

/** The outboxes, each on its own. */
@Injectable()
export class OutboxFacts {
  readonly sources: FactSource[];

  constructor(
    registry: FactRegistry,
    @InjectOutbox('client') client: OutboxReader,
    @InjectOutbox('shared') shared: OutboxReader,
    @InjectOutbox('admin') admin: OutboxReader,
  ) {
    const gauges = makeGauges(registry);
    this.sources = Object.entries({ client, shared, admin }).map(
      ([name, reader]) => new OneOutbox(name, gauges, reader),
    );
  }
}
