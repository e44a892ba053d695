import type { INestApplicationContext } from '@nestjs/common';
import { newId } from '../../src/common/index.js';
import { LeaseKeeper } from '../../src/database/index.js';
import {
  AssignmentsRepository,
  ClaimsService,
  nodeLeaseName,
  QueueRepository,
  SettlementsService,
  TaskWishesService,
  type NodeFence,
  type TaskWish,
} from '../../src/shared/index.js';
import { median } from '../load.js';
import { monotonicMs, type Report } from '../report.js';
import { BullMq, hasRedis, type Flush } from './bullmq.js';
import { readHead } from './read-head.js';

const GOAL = 1.5;
const ROUNDS = 3;
const JOBS = 3_000;
/** As many as an installation is to bear, two slots each; BullMQ has as many jobs in flight. */
const NODES = 100;
const IN_FLIGHT = 2 * NODES;
const USERS = 10;

/** Claim and acknowledge tasks that do nothing, as the product does it; beside BullMQ. */
export async function measureQueueCore(services: INestApplicationContext, report: Report): Promise<void> {
  const ours = await OurQueue.open(services);
  const flushes: Flush[] = hasRedis() ? ['always', 'everysec'] : [];
  const rates = { ours: [] as number[], always: [] as number[], everysec: [] as number[] };
  await ours.drain(500);
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours.push(await ours.drain(JOBS));
    for (const flush of flushes) rates[flush].push(await drainBullMq(flush));
  }
  report.add('claims and settles of no-op tasks (every commit flushed)', median(rates.ours), { unit: '/s' });
  for (const flush of flushes) {
    const ratio = median(rates.ours.map((each, index) => each / rates[flush][index]!));
    report.add(`BullMQ, concurrency ${IN_FLIGHT}, appendfsync ${flush}`, median(rates[flush]), { unit: '/s' });
    report.add(`ratio to it (medians of ${ROUNDS} runs of ${JOBS})`, ratio, { unit: '×', goal: GOAL, best: 'high' });
  }
  if (flushes.length === 0)
    report.note('no redis-server here, so no BullMQ beside it: apt-get install --no-install-recommends redis-server');
}

async function drainBullMq(flush: Flush): Promise<number> {
  const bullMq = await BullMq.start(flush);
  try {
    return await bullMq.drain(JOBS, IN_FLIGHT);
  } finally {
    await bullMq.stop();
  }
}

interface Place {
  nodeId: string;
  slot: number;
}

/** The queue without nodes: the scheduler's look, its claims, the fleet's look, the settles. */
class OurQueue {
  private readonly fences = new Map<string, NodeFence>();
  private free: Place[] = [];

  private constructor(private readonly services: INestApplicationContext) {}

  static async open(services: INestApplicationContext): Promise<OurQueue> {
    const queue = new OurQueue(services);
    const leases = services.get(LeaseKeeper);
    for (let index = 0; index < NODES; index += 1) {
      const nodeId = `no-op-${index}`;
      const lease = await leases.tryAcquire(nodeLeaseName(nodeId));
      queue.fences.set(nodeId, { nodeId, leaseToken: lease!.token, ownerId: leases.ownerId });
      queue.free.push({ nodeId, slot: 0 }, { nodeId, slot: 1 });
    }
    return queue;
  }

  async drain(count: number): Promise<number> {
    await fillQueue(this.services, count);
    const taken = new Set<string>();
    const settling = new Set<Promise<void>>();
    const startedMs = monotonicMs();
    while (taken.size < count) {
      // Half of the places are claimed while what is in the others is settled, as scheduler and fleet do at once.
      const wanted = Math.min(NODES, count - taken.size);
      if (this.free.length < wanted) await Promise.race(settling);
      else for (const settle of await this.claim(wanted, taken)) follow(settle, settling);
    }
    await Promise.all(settling);
    return (count * 1_000) / (monotonicMs() - startedMs);
  }

  /** Fills so many of the free places, and begins to settle what is in them. */
  private async claim(wanted: number, taken: Set<string>): Promise<Promise<void>[]> {
    const queued = await readHead(this.services.get(QueueRepository), Math.ceil(wanted / USERS));
    const places = this.free.splice(0, Math.min(wanted, queued.length));
    const claims = places.map((place, index) => {
      return { ...place, taskId: queued[index]!.taskId, runNo: queued[index]!.runNo, reason: 'least loaded' };
    });
    await this.services.get(ClaimsService).claimAll(claims);
    const open = await this.services.get(AssignmentsRepository).listOpen();
    const mine = open.filter(({ assignmentId }) => !taken.has(assignmentId));
    return mine.map(async (assignment) => {
      const { nodeId, slot, assignmentId } = assignment;
      taken.add(assignmentId);
      const outcome = await this.services.get(SettlementsService).complete(assignment, this.fences.get(nodeId)!, []);
      if (outcome !== 'completed') throw new Error(`A no-op task was ${outcome}.`);
      this.free.push({ nodeId, slot: slot! });
    });
  }
}

function follow(work: Promise<void>, all: Set<Promise<void>>): void {
  all.add(work);
  void work.then(() => all.delete(work));
}

/** Tasks of several users, in the queue and nowhere else. */
async function fillQueue(services: INestApplicationContext, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const wishes = Array.from({ length: Math.min(left, 500) }, (_, index) => makeWish(`user-${index % USERS}`));
    await services.get(TaskWishesService).apply(wishes);
  }
}

function makeWish(sourceUserId: string): TaskWish {
  return {
    ...{ taskId: newId(), sourceType: 'client', sourceUserId, runNo: 1, cancelRun: 0, taskType: 'text_to_image' },
    ...{ workflowName: 'no-op', workflowVersion: 1, requirementKey: 'no-op@1|', priority: 1, prompt: 'nothing' },
    ...{ negativePrompt: null, modelName: null, width: null, height: null, steps: null, cfgScale: null },
    ...{ sampler: null, scheduler: null, seed: 1, batchSize: 1, batchId: null, estimatedTimeSeconds: null },
    ...{ createdAt: new Date().toISOString(), forgottenAt: null, parameters: [] },
  };
}
