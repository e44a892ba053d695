import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { BackgroundLoop, Clock, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LeaseKeeper } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import {
  AssignmentsRepository,
  ClaimsService,
  QueueRepository,
  WorkflowVersionsService,
  type OpenAssignment,
  type QueuedTask,
} from '../../shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { requirementOf, type Requirement } from './capabilities.js';
import {
  DEFAULT_POLICY,
  planAssignments,
  type Candidate,
  type NodeState,
  type PlanPolicy,
} from './plan-assignments.js';

/** How many of each (user, requirement class, priority) one round looks at. */
const CANDIDATES_PER_CLASS = 50;
const MAX_REQUIREMENTS = 10_000;

/** Turns the queue's head into claims: one scheduler at a time by its lease, two without harm (I10). */
@Injectable()
export class Scheduler {
  private readonly loop: BackgroundLoop;
  private readonly policy: PlanPolicy;
  private readonly requirements = new Map<string, Requirement>();
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly queue: QueueRepository,
    private readonly nodes: NodesService,
    private readonly assignments: AssignmentsRepository,
    private readonly claims: ClaimsService,
    private readonly workflows: WorkflowVersionsService,
    private readonly leases: LeaseKeeper,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(LOGGER) logger: Logger,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.policy = { ...DEFAULT_POLICY, runningPerUser: settings.limits.runningPerUser };
    this.loop = new BackgroundLoop({
      name: 'scheduler',
      logger,
      sweepMs: settings.dispatch.sweepMs,
      round: (signal) => this.schedule(signal),
    });
  }

  start(): void {
    this.unsubscribe = this.signals.on('queue.changed', () => this.loop.nudge());
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    await this.loop.stop();
  }

  private async schedule(signal: AbortSignal): Promise<void> {
    const lease = await this.leases.tryAcquire('scheduler');
    while (lease && this.leases.isHeld(lease) && !signal.aborted) {
      const queued = await this.queue.listCandidates(CANDIDATES_PER_CLASS, this.clock.now());
      if (queued.length === 0) return;
      // Results that cannot be stored are not made: what runs waits to be fetched, the rest waits in the queue (I20).
      if (await this.store.findProblem()) return;
      const open = await this.assignments.listOpen();
      const nodes = await this.listNodeStates(open);
      const candidates = (await Promise.all(queued.map((task) => this.findCandidate(task)))).filter(isThere);
      await this.claims.failAll(withoutWorkflow(queued, candidates));
      const { assignments, hopeless } = planAssignments(candidates, nodes, this.policy, countByUser(open));
      await this.claims.failAll(hopeless);
      if (assignments.length === 0 || (await this.claims.claimAll(assignments)) === 0) return;
    }
  }

  private async listNodeStates(open: OpenAssignment[]): Promise<NodeState[]> {
    const nodes = await this.nodes.list();
    const slots = new Map<string, OpenAssignment[]>();
    for (const assignment of open) {
      if (assignment.slot === null) continue;
      slots.set(assignment.nodeId, [...(slots.get(assignment.nodeId) ?? []), assignment]);
    }
    return nodes.map((node) => ({
      nodeId: node.nodeId,
      isAvailable: (node.status === 'online' || node.status === 'busy') && !node.isCordoned && !node.breaker.isOpen,
      openWorkflows: node.breaker.openWorkflows,
      capabilities: node.capabilities ?? { classes: [], models: {} },
      limit: Math.min(node.maxConcurrent, 2),
      slots: (slots.get(node.nodeId) ?? []).map(({ slot, progress }) => ({ slot: slot!, progress })),
    }));
  }

  /** Undefined where the task's workflow is not there: no node could ever run it. */
  private async findCandidate(task: QueuedTask): Promise<Candidate | undefined> {
    const requirement = await this.findRequirement(task);
    if (!requirement) return undefined;
    return {
      taskId: task.taskId,
      runNo: task.runNo,
      userId: task.sourceUserId,
      workflowName: task.workflowName,
      priority: task.priority,
      queuedAtMs: task.queuedAt.getTime(),
      requirementKey: task.requirementKey,
      requirement,
      excludedNodeIds: task.excludedNodeIds,
    };
  }

  private async findRequirement(task: QueuedTask): Promise<Requirement | undefined> {
    const known = this.requirements.get(task.requirementKey);
    if (known) return known;
    const definition = await this.workflows.find(task.workflowName, task.workflowVersion);
    if (!definition) return undefined;
    const requirement = requirementOf(definition, task.modelName);
    // Users name models freely: what is remembered of them has a bound.
    if (this.requirements.size > MAX_REQUIREMENTS) this.requirements.clear();
    this.requirements.set(task.requirementKey, requirement);
    return requirement;
  }
}

function isThere(candidate: Candidate | undefined): candidate is Candidate {
  return candidate !== undefined;
}

/** What each user has running, what is being fetched included: it is settled within moments. */
function countByUser(open: OpenAssignment[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { userId } of open) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  return counts;
}

function withoutWorkflow(queued: QueuedTask[], candidates: Candidate[]) {
  const fine = new Set(candidates.map(({ taskId }) => taskId));
  return queued
    .filter(({ taskId }) => !fine.has(taskId))
    .map(({ taskId, runNo, workflowName, workflowVersion: version }) => {
      return { taskId, runNo, reason: `Version ${version} of its workflow ${workflowName} is not there.` };
    });
}
