import { Injectable } from '@nestjs/common';
import { LeaseKeeper } from '../../database/index.js';
import { QueueFiguresService } from '../../shared/index.js';
import { counter, FactRegistry, gauge, type FactSource } from './fact-source.js';

/** Who holds what: a lease that changes its owner again and again shows processes that fight or cannot keep up. */
@Injectable()
export class LeaseFacts implements FactSource {
  readonly name = 'leases';
  readonly told;
  private readonly changes;
  private readonly held;
  private readonly here;

  constructor(
    registry: FactRegistry,
    private readonly queue: QueueFiguresService,
    private readonly leases: LeaseKeeper,
  ) {
    this.changes = counter(registry, 'cws_lease_changes_total', 'How often a lease was taken.', ['lease']);
    this.held = gauge(registry, 'cws_lease_held', 'Whether any process holds it.', ['lease']);
    this.here = gauge(registry, 'cws_process_leases', 'Leases that this process holds.');
    this.told = [this.changes, this.held, this.here];
  }

  async read(): Promise<() => void> {
    const leases = await this.queue.listLeases();
    return () => {
      for (const told of this.told) told.reset();
      for (const { name, owner, token } of leases) {
        this.changes.inc({ lease: name }, token);
        this.held.set({ lease: name }, owner === null ? 0 : 1);
      }
      this.here.set(leases.filter(({ owner }) => owner === this.leases.ownerId).length);
    };
  }
}
