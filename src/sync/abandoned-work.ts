import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../admin/index.js';
import { LOGGER, type Logger } from '../common/index.js';
import { AbandonedWorkRepository } from '../shared/index.js';

/** Numbers of attempts, and of tasks for `unbound`. */
export interface AbandonedReport {
  /** On nodes that are not registered any more: the fleet settles them within seconds, where one runs (I11). */
  gone: number;
  /** On nodes that no process drives: none has the role dispatch, or all are away. */
  ownerless: number;
  /** Running, and on no node. */
  unbound: number;
}

/** Beyond every takeover, restart and outage that passes by itself. */
const STILL_FOR_MS = 5 * 60_000;
const NAMED = 20;

/** Looks for work that nobody sees to. It says so and changes nothing: an attempt is its owner's to end (I8). */
@Injectable()
export class AbandonedWork {
  constructor(
    private readonly work: AbandonedWorkRepository,
    private readonly nodes: NodesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async look(): Promise<AbandonedReport> {
    const attempts = await this.work.listOwnerless(STILL_FOR_MS);
    const unbound = await this.work.listUnbound(STILL_FOR_MS);
    const known = new Set((await this.nodes.list()).map(({ nodeId }) => nodeId));
    const gone = attempts.filter(({ nodeId }) => !known.has(nodeId));
    const report = { gone: gone.length, ownerless: attempts.length - gone.length, unbound: unbound.length };
    if (attempts.length + unbound.length > 0) {
      const nodeIds = [...new Set(attempts.map(({ nodeId }) => nodeId))].slice(0, NAMED);
      const taskIds = [...attempts.map(({ taskId }) => taskId), ...unbound].slice(0, NAMED);
      this.logger.warn(
        { ...report, nodeIds, taskIds },
        'work that no process sees to: does one with the role dispatch run?',
      );
    }
    return report;
  }
}
