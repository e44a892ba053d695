import { compareLevels } from './order-classes.js';
import { placeOf, type LineRules, type TaskClass } from './place-in-line.js';

export interface CountedClass extends TaskClass {
  count: number;
}

/**
 * About how many tasks start before this one, and one more: `task` with its own age, and `ahead` older ones of its
 * class. Users of one level take turns, so of another user's 10,000 no more stand before it than its own user has had.
 */
export function estimatePosition(task: TaskClass, ahead: number, classes: CountedClass[], rules: LineRules): number {
  const mine = placeOf(task, rules);
  let [own, higher] = [ahead, 0];
  const level = new Map<string, { count: number; running: number; queuedAtMs: number }>();
  for (const other of classes) {
    if (isSameClass(other, task)) continue;
    const place = placeOf(other, rules);
    const order = compareLevels(place, mine);
    const isOlder = other.queuedAtMs < task.queuedAtMs;
    if (order > 0) continue;
    if (place.isOverdue) higher += order < 0 || isOlder ? 1 : 0;
    else if (order < 0) higher += other.count;
    else if (other.userId === task.userId) own += isOlder ? other.count : 0;
    else {
      const known = level.get(other.userId) ?? { count: 0, running: place.running, queuedAtMs: Infinity };
      const queuedAtMs = Math.min(known.queuedAtMs, other.queuedAtMs);
      level.set(other.userId, { ...known, count: known.count + other.count, queuedAtMs });
    }
  }
  const turns = [...level.values()].map(({ count, running, queuedAtMs }) => {
    const before = mine.running + own - running + (queuedAtMs < task.queuedAtMs ? 1 : 0);
    return Math.min(count, Math.max(0, before));
  });
  return 1 + own + higher + turns.reduce((sum, before) => sum + before, 0);
}

function isSameClass(a: TaskClass, b: TaskClass): boolean {
  return a.userId === b.userId && a.requirementKey === b.requirementKey && a.priority === b.priority;
}
