import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../script/seeded-random.js';
import { isOver, type AskedTask } from './asked-task.js';
import type { FailoverClient } from './failover-client.js';

/** What its user does with a task after the submit. */
export interface Fate {
  /** The submit is sent once more under its key, though it was answered. */
  isRepeated: boolean;
  cancelAfterMs?: number;
  isReloaded: boolean;
}

const REPEATED = 0.1;
const CANCELLED = 0.12;
const RELOADED = 0.08;
const LONGEST_BEFORE_CANCEL_MS = 2_500;
const LOOK_MS = 250;

export function drawFate(random: SeededRandom): Fate {
  const isCancelled = random.isLucky(CANCELLED);
  return {
    isRepeated: random.isLucky(REPEATED),
    ...(isCancelled ? { cancelAfterMs: random.between([0, LONGEST_BEFORE_CANCEL_MS]) } : {}),
    isReloaded: random.isLucky(RELOADED),
  };
}

/** From the submit to whatever its user asks of it last; somebody else watches its status. */
export async function liveTask(
  task: AskedTask,
  image: string | undefined,
  fate: Fate,
  { client, signal }: { client: FailoverClient; signal: AbortSignal },
): Promise<void> {
  const submit = async () => {
    const { json } = await client.call({ method: 'POST', ...submitOf(task, image), key: task.key }, signal);
    if (typeof json.task_id === 'string') task.ids.push(json.task_id);
  };
  await submit();
  if (task.ids.length === 0) return;
  if (fate.isRepeated) {
    client.turn();
    await submit();
  }
  if (fate.cancelAfterMs !== undefined) {
    await delay(fate.cancelAfterMs, undefined, { signal });
    const { status } = await client.call({ method: 'DELETE', path: `/api/v2/tasks/${task.ids[0]}` }, signal);
    task.isCancelled = status < 300;
  }
  if (fate.isReloaded) await reload(task, client, signal);
}

async function reload(task: AskedTask, client: FailoverClient, signal: AbortSignal): Promise<void> {
  while (!isOver(task)) await delay(LOOK_MS, undefined, { signal });
  task.reloads.asked += 1;
  const call = { method: 'POST' as const, path: '/api/v2/tasks/reload', body: { task_id: task.ids[0] } };
  const { status } = await client.call({ ...call, key: `again-${task.key}` }, signal);
  if (status >= 300) return;
  task.reloads.accepted += 1;
  task.reloadedAtMs = performance.now();
}

function submitOf(
  { type, prompt, seed, side }: AskedTask,
  image: string | undefined,
): { path: string; body: Record<string, unknown> } {
  const common = { prompt, negative_prompt: 'blurry', width: side, height: side, seed, steps: 3 };
  return type === 'text_to_image'
    ? { path: '/api/v2/tasks/text-to-image', body: { ...common, workflow_name: 'sd_basic' } }
    : { path: '/api/v2/tasks/image-to-video', body: { ...common, image, length: 5, workflow_name: 'Wan2.1 i2v' } };
}
