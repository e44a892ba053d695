import { Injectable } from '@nestjs/common';
import type { NodeView } from '../../admin/index.js';
import { SettlementsService, type AttemptFailure, type NodeFence, type OpenAssignment } from '../../shared/index.js';
import { CapableNodes } from './capable-nodes.js';
import { nodesToAvoid } from './nodes-to-avoid.js';

const UNSPENT = { mayRetry: true, isUnspent: true, onlyWhileOnNode: true };

/**
 * Takes attempts from nodes that still work on them, unspent, so that others do them. Only a node's owner does, by its
 * fence (I8); its session then takes the prompts off the node as it does all strays (I13).
 */
@Injectable()
export class GiveAways {
  constructor(
    private readonly settlements: SettlementsService,
    private readonly capable: CapableNodes,
  ) {}

  /** Everything that a drained node has. Returns the rest: what the node is done with is fetched to the end. */
  drain(own: OpenAssignment[], fence: NodeFence): Promise<OpenAssignment[]> {
    const errorMessage = 'Its node was taken out of service.';
    return this.give(own, fence, () => Promise.resolve({ errorCode: 'NODE_DRAINED', errorMessage, ...UNSPENT }));
  }

  /** What an admin wishes back; it goes to another node where one could take it. Returns what stays. */
  async requeue(own: OpenAssignment[], fence: NodeFence, nodes: NodeView[]): Promise<OpenAssignment[]> {
    const wished = own.filter(({ requeueWished, cancelWished }) => requeueWished && !cancelWished);
    if (wished.length === 0) return own;
    const kept = await this.give(wished, fence, (assignment) => this.causeOfRequeue(assignment, nodes));
    return own.filter((assignment) => !wished.includes(assignment) || kept.includes(assignment));
  }

  private async causeOfRequeue({ taskId, nodeId }: OpenAssignment, nodes: NodeView[]): Promise<AttemptFailure> {
    const node = nodes.find((each) => each.nodeId === nodeId);
    const excludeNodeIds = node ? nodesToAvoid(node, await this.capable.listFor(taskId, nodes), 'another') : [];
    return { errorCode: 'REQUEUED', errorMessage: 'It was taken back to run elsewhere.', excludeNodeIds, ...UNSPENT };
  }

  private async give(
    assignments: OpenAssignment[],
    fence: NodeFence,
    causeOf: (assignment: OpenAssignment) => Promise<AttemptFailure>,
  ): Promise<OpenAssignment[]> {
    const kept: OpenAssignment[] = [];
    for (const assignment of assignments) {
      const isDone = assignment.slot === null;
      // `superseded`: done since we looked, or closed.
      const isKept =
        isDone || (await this.settlements.fail(assignment, fence, await causeOf(assignment))) === 'superseded';
      if (isKept) kept.push(assignment);
    }
    return kept;
  }
}
