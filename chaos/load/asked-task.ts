import type { Picture } from './read-picture.js';

export const OVER: readonly string[] = ['completed', 'failed', 'cancelled'];

/** A task as its sender knows it: what was asked for, and every answer. */
export interface AskedTask {
  /** Its Idempotency-Key. */
  key: string;
  username: string;
  type: 'text_to_image' | 'image_to_video';
  prompt: string;
  seed: number;
  side: number;
  /** Ids that submits under the key were answered with: one, however often it was repeated. */
  ids: string[];
  /** Statuses in the order in which they were seen, each change once. */
  seen: string[];
  /** When the last look at it was begun, and when its last reload was answered; by `performance.now()`. */
  lookedAtMs: number;
  reloadedAtMs: number;
  /** A cancel was answered with 2xx. */
  isCancelled: boolean;
  /** Reloads that were sent, and those that were answered with 2xx. */
  reloads: { asked: number; accepted: number };
  /** What the service says of it when all is over. */
  final?: FinalAnswer;
}

export interface FinalAnswer {
  /** Of GET /api/v2/tasks/{id}. */
  httpStatus: number;
  status?: string;
  errorCode?: string | null;
  seed?: number | null;
  /** In the order of the files; a text says why one could not be had. */
  pictures: (Picture | string)[];
}

/** Notes a status that was asked for at `askedAtMs`. */
export function see(task: AskedTask, status: string, askedAtMs: number): void {
  task.lookedAtMs = askedAtMs;
  if (task.seen.at(-1) !== status) task.seen.push(status);
}

/** As far as was seen, and not before its last reload. */
export function isOver({ seen, lookedAtMs, reloadedAtMs }: AskedTask): boolean {
  return OVER.includes(seen.at(-1) ?? '') && lookedAtMs > reloadedAtMs;
}

/** Everything that clients asked for and were told. */
export class Journal {
  readonly tasks: AskedTask[] = [];
  /** Answers that no correct request gets. */
  readonly refused: string[] = [];
  /** Ids in the lists of the users, when all is over. */
  listed: string[] = [];
  /** How many answers had which status; 0 stands for none at all. */
  readonly answers = new Map<number, number>();

  countAnswer(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }

  get accepted(): AskedTask[] {
    return this.tasks.filter(({ ids }) => ids.length > 0);
  }
}
