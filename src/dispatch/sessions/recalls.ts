import { Injectable } from '@nestjs/common';
import type { NodeView } from '../../admin/index.js';
import { Clock } from '../../common/index.js';
import type { OpenAssignment } from '../../shared/index.js';
import { findAway } from '../scheduling/node-states.js';
import { CapableNodes } from './capable-nodes.js';

/** A first prompt that has not started for so long stands behind others' work. */
const HELD_UP_MS = 10_000;
/** An idle node that does not get the task all the same is not named again for a while. */
const NOT_AGAIN_FOR_MS = 60_000;

/** Finds what waits on a node and had better run elsewhere: what has started is left alone (I17). */
@Injectable()
export class Recalls {
  private idleBefore = new Set<string>();
  private readonly named = new Map<string, number>();

  constructor(
    private readonly capable: CapableNodes,
    private readonly clock: Clock,
  ) {}

  /** Reasons by assignment id, for the assignments of `ownNodeIds`; `open` are those of all nodes. */
  async find(open: OpenAssignment[], nodes: NodeView[], ownNodeIds: ReadonlySet<string>): Promise<Map<string, string>> {
    const idle = this.listIdle(open, nodes);
    const cordoned = new Set(nodes.filter(({ isCordoned }) => isCordoned).map(({ nodeId }) => nodeId));
    const recalls = new Map<string, string>();
    for (const row of open) {
      if (!ownNodeIds.has(row.nodeId) || !this.waits(row)) continue;
      if (cordoned.has(row.nodeId)) recalls.set(row.assignmentId, 'its node takes no new work');
      else if (idle.length > 0) {
        const other = (await this.capable.listFor(row.taskId, idle)).find(({ nodeId }) => this.isNews(row, nodeId));
        if (!other) continue;
        idle.splice(idle.indexOf(other), 1);
        recalls.set(row.assignmentId, `${other.nodeId} is idle`);
      }
    }
    return recalls;
  }

  /** At two looks in a row: one that was just done gets its next task from the queue, within milliseconds. */
  private listIdle(open: OpenAssignment[], nodes: NodeView[]): NodeView[] {
    const busy = new Set(open.filter(({ slot }) => slot !== null).map(({ nodeId }) => nodeId));
    const idle = nodes.filter((node) => findAway(node) === undefined && !busy.has(node.nodeId));
    const isSteady = ({ nodeId }: NodeView) => this.idleBefore.has(nodeId);
    const steady = idle.filter(isSteady);
    this.idleBefore = new Set(idle.map(({ nodeId }) => nodeId));
    return steady;
  }

  private waits({ slot, startedAt, assignedAt, cancelWished }: OpenAssignment): boolean {
    if (slot === null || startedAt !== null || cancelWished) return false;
    return slot === 1 || this.clock.now().getTime() - assignedAt.getTime() > HELD_UP_MS;
  }

  private isNews({ taskId }: OpenAssignment, nodeId: string): boolean {
    const now = this.clock.monotonicMs();
    for (const [key, sinceMs] of this.named) if (now - sinceMs > NOT_AGAIN_FOR_MS) this.named.delete(key);
    const key = `${taskId} ${nodeId}`;
    if (this.named.has(key)) return false;
    this.named.set(key, now);
    return true;
  }
}
