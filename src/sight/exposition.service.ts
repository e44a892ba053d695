import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { Metrics } from '../common/index.js';
import { RowFacts } from './facts/row-facts.js';

/** Gauges by name, but called totals as only counters are; the same is told by type without the ending. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Everything there is to tell, as Prometheus reads it. */
@Injectable()
export class ExpositionService {
  readonly contentType: string;
  private isWatching = false;

  constructor(
    private readonly metrics: Metrics,
    private readonly facts: RowFacts,
  ) {
    this.contentType = metrics.registry.contentType;
  }

  /** Only where somebody may ask: the event loop and the garbage collector are watched from then on. */
  watchProcess(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    const { registry } = this.metrics;
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
  }

  async expose(): Promise<string> {
    const [facts, counted] = await Promise.all([this.facts.expose(), this.metrics.registry.metrics()]);
    return `${counted.trimEnd()}\n\n${facts.trimEnd()}\n`;
  }
}
