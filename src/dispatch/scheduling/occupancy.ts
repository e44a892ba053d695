import type { NodeState, Running, TakenSlot } from './situation.js';

/** Who has what: as it was found, and as the plan fills it up. Counts only grow, so a place in line only gets worse. */
export class Occupancy {
  private readonly slots: Map<string, TakenSlot[]>;
  private readonly ofUser = new Map<string, Running[]>();
  private readonly ofWorkflow = new Map<string, number>();

  constructor(nodes: NodeState[], running: Running[]) {
    this.slots = new Map(nodes.map(({ nodeId, slots }) => [nodeId, [...slots]]));
    for (const task of running) this.count(task);
  }

  /** Fills the node's free slot and returns its number. */
  fill(task: Running): number {
    const taken = this.slotsOf(task.nodeId);
    const slot = taken.some(({ slot }) => slot === 0) ? 1 : 0;
    taken.push({ slot, progress: 0 });
    this.count(task);
    return slot;
  }

  slotsOf(nodeId: string): TakenSlot[] {
    return this.slots.get(nodeId)!;
  }

  /** The work that is left on a node, in prompts. */
  loadOf(nodeId: string): number {
    return this.slotsOf(nodeId).reduce((load, { progress }) => load + (100 - progress) / 100, 0);
  }

  tasksOfUser(userId: string): number {
    return this.ofUser.get(userId)?.length ?? 0;
  }

  tasksOfWorkflow(workflowName: string): number {
    return this.ofWorkflow.get(workflowName) ?? 0;
  }

  /** Whether the user has something of at most this priority on one of these nodes. */
  isServed(userId: string, priority: number, nodeIds: ReadonlySet<string>): boolean {
    const own = this.ofUser.get(userId) ?? [];
    return own.some((task) => task.priority <= priority && nodeIds.has(task.nodeId));
  }

  private count(task: Running): void {
    const own = this.ofUser.get(task.userId);
    if (own) own.push(task);
    else this.ofUser.set(task.userId, [task]);
    this.ofWorkflow.set(task.workflowName, this.tasksOfWorkflow(task.workflowName) + 1);
  }
}
