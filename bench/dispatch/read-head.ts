import type { QueuedTask, QueueRepository } from '../../src/shared/index.js';

const CLASSES_AT_ONCE = 200;
const TASKS_AT_ONCE = 1_000;

/** The queue's head in the portions in which the scheduler reads it. */
export async function readHead(queue: QueueRepository, perClass: number): Promise<QueuedTask[]> {
  const classes = (await queue.listClasses()).slice(0, CLASSES_AT_ONCE);
  const each = Math.min(perClass, Math.max(1, Math.floor(TASKS_AT_ONCE / Math.max(1, classes.length))));
  return queue.listHeads(classes, each, new Date());
}
