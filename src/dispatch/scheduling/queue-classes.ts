import type { QueueClass } from '../../shared/index.js';
import type { TaskClass } from './place-in-line.js';

export function toTaskClass({ sourceUserId, requirementKey, priority, oldestAt }: QueueClass): TaskClass {
  return { userId: sourceUserId, requirementKey, priority, queuedAtMs: oldestAt.getTime() };
}

export function toQueueKey({ userId, requirementKey, priority }: TaskClass): Omit<QueueClass, 'oldestAt'> {
  return { sourceUserId: userId, requirementKey, priority };
}
