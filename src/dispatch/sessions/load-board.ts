import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { BackgroundLoop, LOGGER, type Logger } from '../../common/index.js';

/** A node that works changes its load several times a second; those who look at it do so every few seconds. */
const WRITE_EVERY_MS = 1_000;

/** How many prompts this process's nodes hold: written in one statement a second, and only what has changed. */
@Injectable()
export class LoadBoard {
  private readonly changed = new Map<string, number>();
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly nodes: NodesService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.loop = new BackgroundLoop({ name: 'load', logger, sweepMs: WRITE_EVERY_MS, round: () => this.write() });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  report(nodeId: string, load: number): void {
    this.changed.set(nodeId, load);
  }

  private async write(): Promise<void> {
    const loads = [...this.changed];
    await this.nodes.recordLoads(new Map(loads));
    // What was reported meanwhile is due with the next round.
    for (const [nodeId, load] of loads) if (this.changed.get(nodeId) === load) this.changed.delete(nodeId);
  }
}
