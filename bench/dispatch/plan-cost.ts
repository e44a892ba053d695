import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, type Database } from '../../src/database/index.js';
import { planAssignments } from '../../src/dispatch/scheduling/plan-assignments.js';
import { DEFAULT_POLICY, type Candidate, type NodeState } from '../../src/dispatch/scheduling/situation.js';
import { QueueRepository } from '../../src/shared/index.js';
import { newId } from '../../src/common/index.js';
import { median } from '../load.js';
import { monotonicMs, type Report } from '../report.js';
import { readHead } from './read-head.js';

const NODES = 100;
const USERS = 100;
const REQUIREMENTS = 10;
const ROWS_A_STATEMENT = 2_000;
const PER_CLASS = 50;

/** What one decision costs as the queue grows, in the pure plan and in the statement that reads the queue's head. */
export async function measurePlanCost(
  services: INestApplicationContext,
  report: Report,
  sizes: number[],
): Promise<void> {
  const database = services.get<Database>(databaseToken('shared'), { strict: false });
  const nodes = makeNodes();
  const costs: { size: number; planMs: number; headMs: number }[] = [];
  await database.run('DELETE FROM global_tasks');
  let queued = 0;
  for (const size of sizes) {
    const candidates = Array.from({ length: size }, (_, index) => makeCandidate(index));
    const planMs = await medianMs(() =>
      planAssignments({ candidates, nodes, running: [], policy: DEFAULT_POLICY, nowMs: 2_000_000, seed: 'bench' }),
    );
    for (; queued < size; queued += ROWS_A_STATEMENT)
      await insertQueued(database, queued, Math.min(ROWS_A_STATEMENT, size - queued));
    queued = size;
    await database.rows('ANALYZE TABLE global_tasks').catch(() => []);
    const headMs = await medianMs(() => readHead(services.get(QueueRepository), PER_CLASS));
    costs.push({ size, planMs, headMs });
    report.add(`plan of ${size} candidates over ${NODES} nodes`, planMs, { unit: 'ms' });
    report.add(`head of a queue of ${size}`, headMs, { unit: 'ms' });
  }
  for (const [index, { size, planMs, headMs }] of costs.entries()) {
    const before = costs[index - 1];
    if (!before) continue;
    const allowed = (size * Math.log(size)) / (before.size * Math.log(before.size));
    const goal = { unit: '× n log n', goal: 1, best: 'low' as const };
    report.add(`growth of the plan, ${before.size} → ${size}`, planMs / before.planMs / allowed, goal);
    report.add(`growth of the head, ${before.size} → ${size}`, headMs / before.headMs / allowed, goal);
  }
}

/** Of a few runs, the first of which warms up. */
async function medianMs(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 6; run += 1) {
    const startedMs = monotonicMs();
    await work();
    times.push(monotonicMs() - startedMs);
    if (times[0]! > 5_000 && run > 0) break;
  }
  return median(times.slice(1));
}

function makeNodes(): NodeState[] {
  return Array.from({ length: NODES }, (_, index) => ({
    nodeId: `node-${index}`,
    name: `node ${index}`,
    awayBecause: undefined,
    barredWorkflows: [],
    // Each knows half of the classes, so that no node can run everything.
    capabilities: { classes: Array.from({ length: 5 }, (_each, place) => `Class${(index + place) % 10}`), models: {} },
    limit: 2,
    slots: [],
    priority: 1,
    warmModels: [],
    warmStreak: 0,
  }));
}

function makeCandidate(index: number): Candidate {
  const requirement = index % REQUIREMENTS;
  return {
    taskId: `task-${String(index).padStart(8, '0')}`,
    runNo: 1,
    userId: `user-${index % USERS}`,
    priority: index % 3,
    // In no order: sorting is a part of the cost.
    queuedAtMs: (index * 7_919) % 1_000_003,
    requirementKey: `requirement-${requirement}`,
    requirement: { classes: [`Class${requirement}`], models: {} },
    workflowName: 'none',
    workflowLimit: 0,
    excludedNodeIds: [],
  };
}

async function insertQueued(database: Database, from: number, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, place) => {
    const { userId, priority, requirementKey, queuedAtMs } = makeCandidate(from + place);
    const queuedAt = new Date(1_700_000_000_000 + queuedAtMs);
    return [newId(), 'client', userId, 'text_to_image', 'none', 1, requirementKey, priority, queuedAt, queuedAt];
  });
  await database.run(
    `INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, workflow_version,
       requirement_key, priority, queued_at, created_at) VALUES ?`,
    [rows],
  );
}
