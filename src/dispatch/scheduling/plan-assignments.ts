import { chooseNode, findOpen, type Choice } from './choose-node.js';
import { explainIncapable, isImpossible, judgeNodes, type Fitness } from './fitness.js';
import { Line } from './line.js';
import { Occupancy } from './occupancy.js';
import { placeOf, type TaskClass } from './place-in-line.js';
import type { Candidate, NodeState, PlanPolicy, Situation } from './situation.js';

export interface PlannedAssignment {
  taskId: string;
  runNo: number;
  nodeId: string;
  slot: number;
  /** Why this node, for people. */
  reason: string;
  isForWarmModel: boolean;
}

export interface Plan {
  assignments: PlannedAssignment[];
  /** Tasks that no node is left for. */
  hopeless: { taskId: string; runNo: number; reason: string }[];
  /** Why each of the others waits: task id → reason, for people. */
  waiting: Map<string, string>;
}

interface Queue extends TaskClass {
  /** The oldest last. */
  tasks: Candidate[];
}

type Verdict = Choice | { waits: string; isForAll: boolean } | { isHopeless: string };

/**
 * Decides which task runs where: pure, so that the same function answers "why does it wait". Who is next:
 * place-in-line.ts; which node: choose-node.ts.
 * Cost: O(t log t + requirements × nodes + assignments × nodes) for t candidates; a class that cannot be placed for a
 * reason that holds for all of it is asked once.
 */
export function planAssignments(situation: Situation): Plan {
  return new Planning(situation).run();
}

class Planning {
  private readonly plan: Plan = { assignments: [], hopeless: [], waiting: new Map() };
  private readonly occupancy: Occupancy;
  private readonly fitness = new Map<string, Fitness>();
  private readonly full = new Set<string>();
  private readonly streaks: Map<string, number>;
  private lastNodeId: string | undefined;

  constructor(private readonly situation: Situation) {
    this.occupancy = new Occupancy(situation.nodes, situation.running);
    this.streaks = new Map(situation.nodes.map(({ nodeId, warmStreak }) => [nodeId, warmStreak]));
    this.lastNodeId = situation.lastNodeId;
  }

  run(): Plan {
    const line = this.lineUp(this.situation.candidates.filter((task) => !this.isHeldBack(task)));
    for (let queue = line.next(); queue; queue = line.next()) {
      const task = queue.tasks.at(-1)!;
      const verdict = this.judge(task);
      if ('waits' in verdict && verdict.isForAll) {
        for (const { taskId } of queue.tasks) this.plan.waiting.set(taskId, verdict.waits);
        continue;
      }
      this.record(task, verdict);
      queue.tasks.pop();
      const following = queue.tasks.at(-1);
      if (following) line.add({ ...queue, queuedAtMs: following.queuedAtMs });
    }
    return this.plan;
  }

  /** Notes why it waits, where that is a matter of the task alone. */
  private isHeldBack({ taskId, isCancelWished, notBeforeMs }: Candidate): boolean {
    const isResting = notBeforeMs !== undefined && notBeforeMs > this.situation.nowMs;
    if (isCancelWished) this.plan.waiting.set(taskId, 'It is being cancelled.');
    else if (isResting) {
      const until = new Date(notBeforeMs).toISOString();
      this.plan.waiting.set(taskId, `Its last attempt failed; the next one begins no earlier than ${until}.`);
    }
    return isCancelWished === true || isResting;
  }

  private lineUp(candidates: Candidate[]): Line<Queue> {
    const queues = new Map<string, Queue>();
    for (const task of [...candidates].sort(youngestFirst)) {
      const { userId, requirementKey, priority, queuedAtMs } = task;
      const key = JSON.stringify([userId, requirementKey, priority]);
      const tasks = queues.get(key)?.tasks ?? [];
      tasks.push(task);
      queues.set(key, { userId, requirementKey, priority, queuedAtMs, tasks });
      this.fitnessOf(task);
    }
    const rules = {
      ...this.situation,
      topPriority: candidates.reduce((top, { priority }) => Math.max(top, priority), -Infinity),
      occupancy: this.occupancy,
      capableIdsOf: (requirementKey: string) => this.fitness.get(requirementKey)!.capableIds,
    };
    const line = new Line<Queue>(
      (queue) => placeOf(queue, rules),
      ({ tasks }) => tasks.at(-1)!.taskId,
    );
    for (const queue of queues.values()) line.add(queue);
    return line;
  }

  private judge(task: Candidate): Verdict {
    const { nodes, policy } = this.situation;
    const fitness = this.fitnessOf(task);
    const { capable, unknown } = fitness;
    if (nodes.length === 0) return forAll('No node is registered.');
    if (capable.length === 0) {
      const reason = explainIncapable(fitness);
      return policy.impossibleTasks === 'fail' && isImpossible(fitness) ? { isHopeless: reason } : forAll(reason);
    }
    const limit = this.findLimit(task);
    if (limit) return forAll(limit);
    const untried = capable.filter(({ nodeId }) => !task.excludedNodeIds.includes(nodeId));
    if (untried.length === 0 && unknown.length === 0 && !mayFindAnother(fitness, task, policy)) {
      return { isHopeless: 'It failed on every node that could run it.' };
    }
    if (this.full.has(task.requirementKey)) return { waits: explainFull(untried), isForAll: isUnbarred(task) };
    const rules = { ...this.situation, occupancy: this.occupancy, streaks: this.streaks, lastNodeId: this.lastNodeId };
    const open = findOpen(withoutBarred(withoutAvoided(untried, task), task), rules);
    if (open.length > 0) return chooseNode(task, open, rules);
    if (isUnbarred(task)) this.full.add(task.requirementKey);
    return { waits: explainFull(untried), isForAll: isUnbarred(task) };
  }

  private findLimit({ userId, workflowName, workflowLimit }: Candidate): string | undefined {
    const { runningPerUser } = this.situation.policy;
    if (this.occupancy.tasksOfUser(userId) >= runningPerUser) {
      return `Its user has as many tasks running as may run at once (${runningPerUser}).`;
    }
    if (workflowLimit > 0 && this.occupancy.tasksOfWorkflow(workflowName) >= workflowLimit) {
      return `As many tasks of its workflow are running as may run at once (${workflowLimit}).`;
    }
    return undefined;
  }

  private record(task: Candidate, verdict: Verdict): void {
    const { taskId, runNo, userId, priority, workflowName } = task;
    if ('waits' in verdict) return void this.plan.waiting.set(taskId, verdict.waits);
    if ('isHopeless' in verdict) return void this.plan.hopeless.push({ taskId, runNo, reason: verdict.isHopeless });
    const { reason, isForWarmModel } = verdict;
    const { nodeId } = verdict.node;
    const slot = this.occupancy.fill({ nodeId, userId, priority, workflowName });
    this.lastNodeId = nodeId;
    this.streaks.set(nodeId, isForWarmModel ? this.streaks.get(nodeId)! + 1 : 0);
    this.plan.assignments.push({ taskId, runNo, nodeId, slot, reason, isForWarmModel });
  }

  private fitnessOf({ requirementKey, requirement }: Candidate): Fitness {
    const known = this.fitness.get(requirementKey) ?? judgeNodes(requirement, this.situation.nodes);
    this.fitness.set(requirementKey, known);
    return known;
  }
}

/** A task that fails by itself fails everywhere alike: where every node has barred its workflow, no bar counts. */
function withoutBarred(nodes: NodeState[], { workflowName }: Candidate): NodeState[] {
  const isBarred = ({ barredWorkflows }: NodeState) => barredWorkflows.includes(workflowName);
  return nodes.some((node) => node.awayBecause === undefined && !isBarred(node))
    ? nodes.filter((node) => !isBarred(node))
    : nodes;
}

/** Where it was taken back from it goes again sooner than nowhere. */
function withoutAvoided(nodes: NodeState[], { avoidedNodeId }: Candidate): NodeState[] {
  const others = nodes.filter(({ nodeId }) => nodeId !== avoidedNodeId);
  return others.some(({ awayBecause }) => awayBecause === undefined) ? others : nodes;
}

/** A node that lacks something may have it again after a restart, like the one that nobody at all can run. */
function mayFindAnother({ lacking }: Fitness, { excludedNodeIds }: Candidate, policy: PlanPolicy): boolean {
  const untried = lacking.filter(({ node }) => !excludedNodeIds.includes(node.nodeId));
  return untried.some(({ node }) => policy.impossibleTasks === 'wait' || node.awayBecause === 'offline');
}

function forAll(waits: string) {
  return { waits, isForAll: true };
}

function isUnbarred({ excludedNodeIds, avoidedNodeId }: Candidate): boolean {
  return excludedNodeIds.length === 0 && !avoidedNodeId;
}

function explainFull(nodes: NodeState[]): string {
  if (nodes.length === 0) return 'It failed on every node that is known to be able to run it.';
  if (nodes.some(({ awayBecause }) => awayBecause === undefined)) return 'Every node that could run it is busy.';
  const ways = [...new Set(nodes.map(({ awayBecause }) => awayBecause!))].sort();
  return `Every node that could run it is ${ways.join(' or ')}.`;
}

function youngestFirst(a: Candidate, b: Candidate): number {
  return b.queuedAtMs - a.queuedAtMs || (a.taskId < b.taskId ? 1 : -1);
}
