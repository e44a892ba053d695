import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LeaseKeeper } from '../../database/index.js';
import { QueueFiguresService, type LeaseState } from '../../shared/index.js';
import { counter, FactRegistry, gauge, type FactSource } from './fact-source.js';

/** An installation that never had one must be told of, too. */
const SCHEDULER = 'scheduler';

/** Who holds what: a lease that changes its owner again and again shows processes that fight or cannot keep up. */
@Injectable()
export class LeaseFacts implements FactSource {
  readonly name = 'leases';
  readonly told;
  private readonly changes;
  private readonly held;
  private readonly here;
  private readonly seen = new Map<string, { renewal: string; sinceMs: number }>();

  constructor(
    registry: FactRegistry,
    private readonly queue: QueueFiguresService,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.changes = counter(registry, 'cws_lease_changes_total', 'How often a lease was taken.', ['lease']);
    this.held = gauge(registry, 'cws_lease_held', 'Whether its owner still renews it.', ['lease']);
    this.here = gauge(registry, 'cws_process_leases', 'Leases that this process holds.');
    this.told = [this.changes, this.held, this.here];
  }

  async read(): Promise<() => void> {
    const leases = await this.queue.listLeases();
    return () => {
      for (const told of this.told) told.reset();
      this.held.set({ lease: SCHEDULER }, 0);
      // Of a node that was removed the row stays, since its number must not begin anew; nobody owns it.
      for (const lease of leases.filter(({ owner }) => owner !== null)) {
        this.changes.inc({ lease: lease.name }, lease.token);
        this.held.set({ lease: lease.name }, this.isHeld(lease) ? 1 : 0);
      }
      this.here.set(leases.filter(({ owner }) => owner === this.leases.ownerId).length);
    };
  }

  /** Whose process was killed owns it still: only what moves is held, as those see it who would take it over (I9). */
  private isHeld({ name, token, renewals }: LeaseState): boolean {
    const nowMs = this.clock.monotonicMs();
    const renewal = `${token}.${renewals}`;
    const before = this.seen.get(name);
    const sinceMs = before?.renewal === renewal ? before.sinceMs : nowMs;
    this.seen.set(name, { renewal, sinceMs });
    return nowMs - sinceMs < this.settings.dispatch.leaseTtlMs;
  }
}
