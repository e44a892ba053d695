import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { DatabaseFacts } from './database-facts.js';
import { FACT_SOURCES, FactRegistry, gauge, type FactSource } from './fact-source.js';

/** Several scrapers, and people who look, read the rows once. */
const FRESH_MS = 3_000;
/** A scrape answers within two seconds, with what could be read until then. */
const PATIENCE_MS = 1_500;

/** Reads all sources at once when somebody asks; what cannot be read now is left out, and said to be. */
@Injectable()
export class RowFacts {
  private readonly underWay = new Set<FactSource>();
  private readonly readable;
  private refreshing: Promise<void> | undefined;
  private readMs = -Infinity;

  constructor(
    private readonly registry: FactRegistry,
    private readonly databases: DatabaseFacts,
    @Inject(FACT_SOURCES) private readonly sources: FactSource[],
    private readonly clock: Clock,
  ) {
    this.readable = gauge(registry, 'cws_facts_readable', 'Whether a source of these figures could be read.', [
      'source',
    ]);
  }

  async expose(): Promise<string> {
    if (this.clock.monotonicMs() - this.readMs >= FRESH_MS) {
      this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined));
      await this.refreshing;
    }
    this.databases.readPools();
    return this.registry.metrics();
  }

  private async refresh(): Promise<void> {
    await Promise.all(this.sources.map((source) => this.readInTime(source)));
    this.readMs = this.clock.monotonicMs();
  }

  /** Never throws. A reading that is late goes on, alone, and tells what it found when it ends. */
  private async readInTime(source: FactSource): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    if (!this.underWay.has(source)) await Promise.race([this.read(source), tooLate]);
    clearTimeout(timer);
    if (this.underWay.has(source)) this.miss(source);
  }

  private async read(source: FactSource): Promise<void> {
    this.underWay.add(source);
    try {
      (await source.read())();
      this.readable.set({ source: source.name }, 1);
    } catch {
      // What it says of itself is enough: a database that is away is on record already, many times a second.
      this.miss(source);
    } finally {
      this.underWay.delete(source);
    }
  }

  private miss(source: FactSource): void {
    this.readable.set({ source: source.name }, 0);
    for (const told of source.told) told.reset();
  }
}
