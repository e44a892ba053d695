/**
 * Named moments on the path of a task, an upload or a message at which a test may let the process end itself by SIGKILL: where something has just
 * become durable, or is about to. Inert unless `testing.kill_at` names one.
 */
export const KILL_POINTS = [
  'submit.committed',
  'reload.committed',
  'quota.charged',
  'quota.refunded',
  'relay.client-to-shared.before_apply',
  'relay.client-to-shared.applied',
  'claim.committed',
  'post.before_mark',
  'post.marked',
  'post.answered',
  'attempt.running',
  'harvest.before_pin',
  'harvest.pinned',
  'harvest.stored',
  'settle.before',
  'settle.committed',
  'relay.shared-to-client.before_apply',
  'relay.shared-to-client.applied',
  'cancel.committed',
  'cancel.on_node',
  'upload.before_pin',
  'upload.pinned',
  'upload.stored',
  'upload.announced',
  'upload.committed',
  'webhook.sent',
  'sweep.marked',
  'sweep.withdrawn',
] as const;

export type KillPoint = (typeof KILL_POINTS)[number];

let armed: string | undefined;

/** Once, at the start of the process. */
export function armKillPoint(name: string): void {
  armed = name === '' ? undefined : name;
}

/**
 * Ends the process where this point is the armed one; relays name theirs by their route. Renditions have points that
 * no test arms: what is lost of them is made again.
 */
export function killPoint(name: KillPoint | `relay.${string}` | `rendition.${string}`): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
