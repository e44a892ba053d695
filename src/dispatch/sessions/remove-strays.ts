import type { Logger } from '../../common/index.js';
import type { AssignmentsRepository } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { QueueSnapshot } from '../comfyui/protocol.js';
import { markOf } from './prompt-mark.js';

interface Surroundings {
  client: ComfyUiClient;
  assignments: AssignmentsRepository;
  installationId: string;
  log: Logger;
}

/**
 * Takes prompts off a node that bear our mark but whose assignment is closed: a former owner's late POST, or a task
 * that was given up while the node was away. Foreign prompts are never touched (I13).
 */
export async function removeStrays(queue: QueueSnapshot, { client, assignments, installationId, log }: Surroundings) {
  const isOurs = ({ extraData }: { extraData: Record<string, unknown> }) =>
    markOf(extraData)?.installation === installationId;
  const running = queue.running.filter(isOurs).map(({ promptId }) => promptId);
  const pending = queue.pending.filter(isOurs).map(({ promptId }) => promptId);
  const closed = await assignments.listClosed([...running, ...pending]);
  if (closed.size === 0) return;
  log.warn({ promptIds: [...closed] }, 'removing prompts whose attempts are over');
  const strays = pending.filter((id) => closed.has(id));
  if (strays.length > 0) await client.deletePending(strays);
  for (const id of running.filter((promptId) => closed.has(promptId))) await client.interrupt(id);
}
