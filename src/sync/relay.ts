import { BackgroundLoop, killPoint, type Clock, type Logger } from '../common/index.js';
import { isPermanent, type LeaseKeeper, type OutboxReader, type StoredOutboxEvent } from '../database/index.js';
import type { Signal, Signals } from '../live/index.js';

/** One way of events: from an outbox, by an idempotent merge, into another database. */
export interface Route {
  /** `client-to-shared`; the lease is `relay:client-to-shared`. */
  name: string;
  topic: string;
  source: OutboxReader;
  wakeOn: Signal;
  apply(events: StoredOutboxEvent[]): Promise<void>;
  /** Told of an event that can never be applied, before it is set aside; may be told twice. */
  onParked?(event: StoredOutboxEvent, reason: string): Promise<void>;
}

export interface RelayContext {
  leases: LeaseKeeper;
  signals: Signals;
  clock: Clock;
  logger: Logger;
  batchSize: number;
  sweepMs: number;
}

/**
 * Carries one route's events, at once after a commit in this process and by sweeps otherwise. The lease only saves
 * work: two relays on one route would do no harm, since every apply is a merge.
 */
export class Relay {
  private readonly loop: BackgroundLoop;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly route: Route,
    private readonly context: RelayContext,
  ) {
    const { logger, sweepMs } = context;
    this.loop = new BackgroundLoop({
      name: `relay:${route.name}`,
      logger,
      sweepMs,
      round: (signal) => this.drain(signal),
    });
  }

  start(): void {
    this.unsubscribe = this.context.signals.on(this.route.wakeOn, () => this.loop.nudge());
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    await this.loop.stop();
  }

  private async drain(signal: AbortSignal): Promise<void> {
    const lease = await this.context.leases.tryAcquire(`relay:${this.route.name}`);
    while (lease && this.context.leases.isHeld(lease) && !signal.aborted) {
      const events = await this.route.source.listPending([this.route.topic], this.context.batchSize);
      for (const batch of batchesBySize(await this.withoutParked(events))) await this.deliver(batch);
      if (events.length < this.context.batchSize) return;
    }
  }

  /** Later events of a parked one wait beside it: what they build on never arrived. */
  private async withoutParked(events: StoredOutboxEvent[]): Promise<StoredOutboxEvent[]> {
    const { source } = this.route;
    if (events.length === 0) return events;
    const parked = await source.listParkedAggregates([...new Set(events.map(({ aggregateId }) => aggregateId))]);
    if (parked.size === 0) return events;
    const blocked = events.filter(({ aggregateId }) => parked.has(aggregateId));
    const reason = 'An earlier event of the same is parked.';
    for (const event of blocked) await this.route.onParked?.(event, reason);
    await source.park(
      blocked.map(({ id }) => id),
      reason,
      this.context.clock.now(),
    );
    return events.filter(({ aggregateId }) => !parked.has(aggregateId));
  }

  /** A batch that cannot be applied is halved until the one at fault stands alone (I6); passing trouble throws. */
  private async deliver(events: StoredOutboxEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      killPoint(`relay.${this.route.name}.before_apply`);
      await this.route.apply(events);
      killPoint(`relay.${this.route.name}.applied`);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      if (events.length === 1) return this.park(events[0]!, error);
      const middle = Math.ceil(events.length / 2);
      await this.deliver(events.slice(0, middle));
      // The first half may have parked what the second half builds on.
      return this.deliver(await this.withoutParked(events.slice(middle)));
    }
    await this.route.source.markPublished(
      events.map(({ id }) => id),
      this.context.clock.now(),
    );
  }

  private async park(event: StoredOutboxEvent, error: unknown): Promise<void> {
    const { topic, aggregateId, id } = event;
    const reason = (error as Error).message;
    this.context.logger.error({ err: error, route: this.route.name, topic, aggregateId, id }, 'outbox event parked');
    // First the consequence, which is idempotent: a crash in between must not leave a parked event without it.
    await this.route.onParked?.(event, reason);
    await this.route.source.park([id], reason, this.context.clock.now());
  }
}

/** Long prompts in large batches would outgrow what a server takes in one packet (16 MiB by default). */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

function batchesBySize(events: StoredOutboxEvent[]): StoredOutboxEvent[][] {
  const batches: StoredOutboxEvent[][] = [];
  let room = 0;
  for (const event of events) {
    room -= event.sizeBytes;
    if (room < 0) {
      batches.push([]);
      room = MAX_BATCH_BYTES - event.sizeBytes;
    }
    batches.at(-1)!.push(event);
  }
  return batches;
}
