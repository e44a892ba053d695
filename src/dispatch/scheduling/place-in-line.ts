import type { Occupancy } from './occupancy.js';
import type { PlanPolicy } from './situation.js';

/** Tasks of one user, one requirement and one priority: only their age tells them apart. */
export interface TaskClass {
  userId: string;
  requirementKey: string;
  priority: number;
  /** When its first task began to wait. */
  queuedAtMs: number;
}

/** Where a class stands among the others. */
export interface Place {
  /** It waited so long that no priority goes before it any more, only those who have waited longer. */
  isOverdue: boolean;
  /** Its priority with what its age adds. */
  level: number;
  /** What its user has running. */
  running: number;
  queuedAtMs: number;
}

export interface LineRules {
  policy: Pick<PlanPolicy, 'ageingMs'>;
  nowMs: number;
  /** The highest priority of all that wait. */
  topPriority: number;
  occupancy: Occupancy;
  capableIdsOf(requirementKey: string): ReadonlySet<string>;
}

/**
 * Age adds to a priority only while the user has nothing of the same or a lower one on any node that could run the
 * task. So every task comes to the front in time, and a user of 10,000 old tasks has but one of them in front of
 * another's first.
 */
export function placeOf({ userId, requirementKey, priority, queuedAtMs }: TaskClass, rules: LineRules): Place {
  const { policy, nowMs, topPriority, occupancy } = rules;
  const running = occupancy.tasksOfUser(userId);
  const aged = priority + Math.max(0, Math.floor((nowMs - queuedAtMs) / policy.ageingMs));
  if (aged === priority || occupancy.isServed(userId, priority, rules.capableIdsOf(requirementKey))) {
    return { isOverdue: false, level: priority, running, queuedAtMs };
  }
  return { isOverdue: aged > topPriority, level: Math.min(aged, topPriority), running, queuedAtMs };
}

/** Below 0: `a` goes first. By level, then to the user with the fewest running, then to the one who waits longest. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.isOverdue !== b.isOverdue) return a.isOverdue ? -1 : 1;
  if (a.isOverdue) return a.queuedAtMs - b.queuedAtMs;
  return b.level - a.level || a.running - b.running || a.queuedAtMs - b.queuedAtMs;
}
