import { askWithRetries } from '../targets/ask-with-retries.js';
import { TargetError } from '../targets/chat-target.js';
import type { TaskItem } from '../tasks/flames-items.repository.js';
import { PendingItems } from './pending-items.js';
import type { RunContext } from './run-context.js';
import { slidingPool } from './sliding-pool.js';
import { TargetHealth } from './target-health.js';
import { failureOf } from './task-failure.js';

/**
 * Asks the model about every item that has no answer yet. Throws TaskFailure where the rest could not be answered
 * either; an item that was being asked then stays pending, unless it ended by itself.
 */
export async function askItems(run: RunContext): Promise<void> {
  const { claim, config, halt } = run;
  const pending = new PendingItems(run.items, claim.taskId);
  const health = new TargetHealth();
  await slidingPool({
    width: config.concurrency,
    next: () => pending.next(),
    work: (item) => askItem(run, health, item),
    halt,
    onFailure: run.fail,
  });
}

async function askItem(run: RunContext, health: TargetHealth, item: TaskItem): Promise<void> {
  const { claim, config, target, limiter, writer, abort } = run;
  const { model, temperature, maxTokens } = config;
  try {
    const request = { model, prompt: item.prompt, temperature, maxTokens };
    const options = { taskId: claim.taskId, limiter, signal: abort };
    const { answer, attempts } = await askWithRetries(target, request, options);
    health.heard();
    await writer.add({ kind: 'answered', id: item.id, attempts, ...answer });
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    if (error.isFatal) throw failureOf(error);
    const { attempts, errorClass, message } = error;
    await writer.add({ kind: 'unanswered', id: item.id, attempts, errorClass, message });
    health.gaveUp(error);
  }
}
