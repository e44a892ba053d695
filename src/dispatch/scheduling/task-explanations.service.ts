import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { Clock } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { isTerminal, QueuePlacesRepository, QueueRepository, type QueuePlace } from '../../shared/index.js';
import { estimatePosition, type CountedClass } from './estimate-position.js';
import { judgeNodes } from './fitness.js';
import { Needs } from './needs.js';
import { publicNameOf, toNodeStates } from './node-states.js';
import { Occupancy } from './occupancy.js';
import { orderClasses } from './order-classes.js';
import { toTaskClass } from './queue-classes.js';
import type { LineRules } from './place-in-line.js';
import { planAssignments } from './plan-assignments.js';
import { toPolicy } from './policy.js';
import type { Candidate, Situation } from './situation.js';

/** Why a task waits or runs where it does. */
export interface TaskExplanation {
  /** About how many start before it, and one more; 0: it has started. */
  position: number;
  reason: string;
}

interface Picture {
  surroundings: Omit<Situation, 'candidates'>;
  rules: LineRules;
  classes: CountedClass[];
}

const KEEP_MS = 1_000;
/** Bounds of one picture: further classes count as one task each, and further tasks of a class not at all. */
const COUNTED_CLASSES = 1_000;
const COUNTED_TASKS = 20_000;
const COUNTED_PER_CLASS = 1_000;
const NONE: ReadonlySet<string> = new Set();

/** Explains tasks when asked, by the function that plans them: the scheduler itself keeps no reasons. */
@Injectable()
export class TaskExplanations {
  private known: { picture: Promise<Picture>; takenMs: number } | undefined;

  constructor(
    private readonly queue: QueueRepository,
    private readonly places: QueuePlacesRepository,
    private readonly nodes: NodesService,
    private readonly needs: Needs,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Undefined where the task is over, or has not come to the queue yet. */
  async explain(taskId: string): Promise<TaskExplanation | undefined> {
    const place = await this.places.find(taskId);
    if (!place || isTerminal(place.status)) return undefined;
    return place.status === 'queued' ? this.explainWaiting(place) : this.explainRunning(place);
  }

  private async explainRunning({ nodeId, reason }: QueuePlace): Promise<TaskExplanation> {
    const nodes = await this.nodes.list();
    const index = nodes.findIndex((node) => node.nodeId === nodeId);
    const name = index < 0 ? 'a node that is gone' : publicNameOf(nodes[index]!, index);
    return { position: 0, reason: `It was given to ${name}${reason ? `: ${reason}` : ''}.` };
  }

  private async explainWaiting(place: QueuePlace): Promise<TaskExplanation> {
    const candidate = await this.needs.findCandidate(place);
    const { surroundings, rules, classes } = await this.takePicture();
    const task = toTaskClass({ ...place, oldestAt: place.queuedAt });
    const ahead = await this.places.countAhead(place, COUNTED_PER_CLASS);
    const position = estimatePosition(task, ahead, classes, rules);
    if (!candidate) return { position, reason: 'The version of the workflow that it asks for is not there.' };
    const { isCancelWished, retryAt } = place;
    const alone: Candidate = { ...candidate, isCancelWished, ...(retryAt ? { notBeforeMs: retryAt.getTime() } : {}) };
    const { waiting, hopeless } = planAssignments({ ...surroundings, candidates: [alone] });
    const obstacle = waiting.get(place.taskId) ?? hopeless[0]?.reason;
    return { position, reason: obstacle ?? explainTurn(position) };
  }

  /** The queue and the nodes as they were at most a second ago, read once however many ask. */
  private takePicture(): Promise<Picture> {
    const nowMs = this.clock.monotonicMs();
    if (this.known && nowMs - this.known.takenMs < KEEP_MS) return this.known.picture;
    const picture = this.readPicture();
    const known = (this.known = { picture, takenMs: nowMs });
    picture.catch(() => {
      if (this.known === known) this.known = undefined;
    });
    return picture;
  }

  private async readPicture(): Promise<Picture> {
    const [nodeViews, running, waiting] = await Promise.all([
      this.nodes.list(),
      this.queue.listRunning(),
      this.queue.listClasses(),
    ]);
    const nodes = toNodeStates(nodeViews, running, new Map());
    const nowMs = this.clock.now().getTime();
    const policy = toPolicy(this.settings);
    const capableIds = new Map<string, ReadonlySet<string>>();
    const rules: LineRules = {
      policy,
      nowMs,
      topPriority: waiting.reduce((top, { priority }) => Math.max(top, priority), -Infinity),
      occupancy: new Occupancy(nodes, running),
      capableIdsOf: (key) => {
        const need = this.needs.recall(key);
        const known = capableIds.get(key) ?? (need ? judgeNodes(need.requirement, nodes).capableIds : NONE);
        capableIds.set(key, known);
        return known;
      },
    };
    const ordered = orderClasses(waiting.map(toTaskClass), rules);
    const keys = ordered.slice(0, COUNTED_CLASSES).map((of) => ({ ...of, sourceUserId: of.userId }));
    const limit = Math.min(COUNTED_PER_CLASS, Math.ceil(COUNTED_TASKS / Math.max(1, keys.length)));
    const counts = await this.places.countEach(keys, limit);
    const classes = ordered.map((of, index) => ({ ...of, count: counts[index] ?? 1 }));
    return { surroundings: { nodes, running, policy, nowMs, seed: '' }, rules, classes };
  }
}

function explainTurn(position: number): string {
  if (position === 1) return 'It is next.';
  return position === 2 ? 'Another one starts before it.' : `About ${position - 1} others start before it.`;
}
