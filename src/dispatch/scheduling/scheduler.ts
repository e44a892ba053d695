import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { BackgroundLoop, Clock, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LeaseKeeper } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { ClaimsService, QueueRepository, type QueuedTask } from '../../shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { ProgressBoard } from '../sessions/progress-board.js';
import { findOpen } from './choose-node.js';
import { Needs } from './needs.js';
import { toNodeStates, type Warmth } from './node-states.js';
import { Occupancy } from './occupancy.js';
import type { TaskClass } from './place-in-line.js';
import { planAssignments, type Plan } from './plan-assignments.js';
import { toPolicy } from './policy.js';
import { toQueueKey, toTaskClass } from './queue-classes.js';
import { findPromising } from './promising-classes.js';
import type { Candidate, Situation } from './situation.js';

/** Classes whose heads are read at once, and how many tasks of all of them. */
const CLASSES_AT_ONCE = 200;
/** In each look, wherever the one before it came to: whoever comes new to the front is not skipped. */
const FIRST_CLASSES = 50;
const CANDIDATES_AT_ONCE = 1_000;
const CANDIDATES_PER_CLASS = 50;
/** Looks of one round that find nothing to do; the next round goes on behind the classes that they saw. */
const FRUITLESS_LOOKS = 5;

type Surroundings = Omit<Situation, 'candidates'>;

/** Turns the queue's head into claims: one scheduler at a time by its lease, two without harm (I10). */
@Injectable()
export class Scheduler {
  private readonly loop: BackgroundLoop;
  private readonly warmth = new Map<string, Warmth>();
  private lastNodeId: string | undefined;
  /** Classes at the front of the order that had nothing for us when we looked last. */
  private passed = 0;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly queue: QueueRepository,
    private readonly nodes: NodesService,
    private readonly claims: ClaimsService,
    private readonly needs: Needs,
    private readonly progress: ProgressBoard,
    private readonly leases: LeaseKeeper,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(LOGGER) logger: Logger,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
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

  /** One round: assigns what can be assigned now. */
  async schedule(signal: AbortSignal): Promise<void> {
    const lease = await this.leases.tryAcquire('scheduler');
    let fruitless = 0;
    while (lease && this.leases.isHeld(lease) && !signal.aborted && fruitless < FRUITLESS_LOOKS) {
      // Results that cannot be stored are not made: what runs waits to be fetched, the rest waits in the queue (I20).
      if (await this.store.findProblem()) return;
      const surroundings = await this.lookAround();
      if (!this.mayDoAnything(surroundings)) return;
      const waiting = (await this.queue.listClasses()).map(toTaskClass);
      const classes = findPromising(waiting, (key) => this.needs.recall(key), surroundings);
      const first = classes.slice(0, Math.min(FIRST_CLASSES, this.passed));
      const some = [...first, ...classes.slice(this.passed, this.passed + CLASSES_AT_ONCE)];
      if (await this.assign(some, surroundings)) {
        this.passed = fruitless = 0;
        continue;
      }
      fruitless += 1;
      this.passed += CLASSES_AT_ONCE;
      if (this.passed < classes.length) continue;
      this.passed = 0;
      return;
    }
  }

  private async lookAround(): Promise<Surroundings> {
    const [nodes, recorded] = await Promise.all([this.nodes.list(), this.queue.listRunning()]);
    const running = recorded.map((task) => {
      return { ...task, progress: Math.max(task.progress, this.progress.progressOf(task.assignmentId)) };
    });
    return {
      nodes: toNodeStates(nodes, running, this.warmth),
      running,
      policy: toPolicy(this.settings),
      nowMs: this.clock.now().getTime(),
      seed: String(this.clock.now().getTime()),
      lastNodeId: this.lastNodeId,
    };
  }

  /** With every node full there is nothing to plan, however long the queue is: it is not even read. */
  private mayDoAnything({ nodes, running, policy }: Surroundings): boolean {
    const occupancy = new Occupancy(nodes, running);
    return policy.impossibleTasks === 'fail' || findOpen(nodes, { occupancy, policy }).length > 0;
  }

  /** True where something was assigned or failed. */
  private async assign(classes: TaskClass[], surroundings: Surroundings): Promise<boolean> {
    if (classes.length === 0) return false;
    const perClass = Math.min(CANDIDATES_PER_CLASS, Math.max(1, Math.floor(CANDIDATES_AT_ONCE / classes.length)));
    const queued = await this.queue.listHeads(classes.map(toQueueKey), perClass, this.clock.now());
    const candidates: Candidate[] = [];
    const lost: Plan['hopeless'] = [];
    for (const task of queued) {
      const candidate = await this.needs.findCandidate(task);
      if (candidate) candidates.push(candidate);
      else lost.push(withoutWorkflow(task));
    }
    const { assignments, hopeless } = planAssignments({ ...surroundings, candidates });
    const over = [...lost, ...hopeless];
    await this.claims.failAll(over);
    const won = assignments.length === 0 ? 0 : await this.claims.claimAll(assignments);
    this.remember(assignments, candidates);
    return over.length > 0 || won > 0;
  }

  private remember(assignments: Plan['assignments'], candidates: Candidate[]): void {
    const requirements = new Map(candidates.map(({ taskId, requirement }) => [taskId, requirement]));
    for (const { nodeId, taskId, isForWarmModel } of assignments) {
      const streak = isForWarmModel ? (this.warmth.get(nodeId)?.streak ?? 0) + 1 : 0;
      this.warmth.set(nodeId, { models: Object.values(requirements.get(taskId)!.models), streak });
      this.lastNodeId = nodeId;
    }
  }
}

function withoutWorkflow({ taskId, runNo, workflowName, workflowVersion: version }: QueuedTask) {
  return { taskId, runNo, reason: `Version ${version} of its workflow ${workflowName} is not there.` };
}
