import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { Signals } from '../../live/index.js';
import { AssignmentsRepository } from '../../shared/index.js';
import { NodesService } from './nodes.service.js';
import type { CordonView } from './registered.view.js';

const DEFAULT_DEADLINE_SECONDS = 3_600;

/** Takes nodes out of placement and back in, by an operator's wish. */
@Injectable()
export class NodeCordonsService {
  constructor(
    private readonly nodes: NodesService,
    private readonly assignments: AssignmentsRepository,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** A drain that is under way is ended: what the node has stays there. */
  async cordon(nodeId: string): Promise<CordonView> {
    await this.nodes.cordon(nodeId);
    return this.view(nodeId);
  }

  async uncordon(nodeId: string): Promise<CordonView> {
    await this.nodes.uncordon(nodeId);
    this.signals.emit('queue.changed');
    return this.view(nodeId);
  }

  /** Without a deadline one that is set already stays, so that asking again only tells how far the drain is. */
  async drain(nodeId: string, deadlineSeconds: number | undefined): Promise<CordonView> {
    const { drainUntil } = await this.nodes.get(nodeId);
    if (!drainUntil || deadlineSeconds !== undefined) {
      const seconds = deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
      await this.nodes.drain(nodeId, new Date(this.clock.now().getTime() + seconds * 1_000));
      this.signals.emit('assignments.changed');
    }
    return this.view(nodeId);
  }

  private async view(nodeId: string): Promise<CordonView> {
    const [node, open] = await Promise.all([this.nodes.get(nodeId), this.assignments.listOpenOf([nodeId])]);
    return {
      node_id: nodeId,
      is_cordoned: node.isCordoned,
      drain_until: node.drainUntil?.toISOString() ?? null,
      open_prompts: open.length,
    };
  }
}
