import { Injectable } from '@nestjs/common';
import { Signals } from '../../live/index.js';
import { AssignmentsRepository } from '../../shared/index.js';
import { NodesRepository } from './nodes.repository.js';
import { NodesService } from './nodes.service.js';
import type { CordonView } from './registered.view.js';

/** Takes nodes out of placement and back in, by an operator's wish. */
@Injectable()
export class NodeCordonsService {
  constructor(
    private readonly nodes: NodesService,
    private readonly rows: NodesRepository,
    private readonly assignments: AssignmentsRepository,
    private readonly signals: Signals,
  ) {}

  cordon(nodeId: string): Promise<CordonView> {
    return this.set(nodeId, true);
  }

  async uncordon(nodeId: string): Promise<CordonView> {
    const view = await this.set(nodeId, false);
    this.signals.emit('queue.changed');
    return view;
  }

  private async set(nodeId: string, isCordoned: boolean): Promise<CordonView> {
    await this.nodes.get(nodeId);
    await this.rows.setCordoned(nodeId, isCordoned);
    const open = await this.assignments.listOpenOf([nodeId]);
    return { node_id: nodeId, is_cordoned: isCordoned, open_prompts: open.length };
  }
}
