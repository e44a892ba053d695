import { Injectable } from '@nestjs/common';
import { SettlementsService, type AttemptFailure, type NodeFence, type OpenAssignment } from '../../shared/index.js';

const UNSPENT = { mayRetry: true, isUnspent: true, onlyWhileOnNode: true };

/**
 * Takes attempts from nodes that still work on them, unspent, so that others do them. Only a node's owner does, by its
 * fence (I8); its session then takes the prompts off the node as it does all strays (I13).
 */
@Injectable()
export class GiveAways {
  constructor(private readonly settlements: SettlementsService) {}

  /** Everything that a drained node has. Returns the rest: what the node is done with is fetched to the end. */
  drain(own: OpenAssignment[], fence: NodeFence): Promise<OpenAssignment[]> {
    const errorMessage = 'Its node was taken out of service.';
    return this.give(own, fence, { errorCode: 'NODE_DRAINED', errorMessage, ...UNSPENT });
  }

  /** What an admin wishes back; it goes to another node where one could take it. Returns what stays. */
  async requeue(own: OpenAssignment[], fence: NodeFence): Promise<OpenAssignment[]> {
    const wished = own.filter(({ requeueWished, cancelWished }) => requeueWished && !cancelWished);
    if (wished.length === 0) return own;
    const errorMessage = 'It was taken back to run elsewhere.';
    const kept = await this.give(wished, fence, { errorCode: 'REQUEUED', errorMessage, avoidNode: true, ...UNSPENT });
    return own.filter((assignment) => !wished.includes(assignment) || kept.includes(assignment));
  }

  private async give(
    assignments: OpenAssignment[],
    fence: NodeFence,
    cause: AttemptFailure,
  ): Promise<OpenAssignment[]> {
    const kept: OpenAssignment[] = [];
    for (const assignment of assignments) {
      const isDone = assignment.slot === null;
      // `superseded`: done since we looked, or closed.
      const isKept = isDone || (await this.settlements.fail(assignment, fence, cause)) === 'superseded';
      if (isKept) kept.push(assignment);
    }
    return kept;
  }
}
