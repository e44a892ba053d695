import type { SseStream } from '../../live/index.js';

/** Somebody who reads a user's events, of all tasks or of one. */
export interface TaskListener {
  clientId: string;
  taskId: string | undefined;
  stream: SseStream;
  /** What changed from this time of the database on belongs into the snapshot. */
  since: Date | undefined;
  /** Throws 401 once the sign-in behind the stream has ended. */
  authenticate: () => Promise<unknown>;
  checkedAtMs: number;
}

/** Who listens, by user. */
export class TaskListeners {
  private readonly byUser = new Map<string, Set<TaskListener>>();

  add(listener: TaskListener): void {
    const others = this.byUser.get(listener.clientId);
    if (others) others.add(listener);
    else this.byUser.set(listener.clientId, new Set([listener]));
  }

  remove(listener: TaskListener): void {
    const others = this.byUser.get(listener.clientId);
    if (others?.delete(listener) && others.size === 0) this.byUser.delete(listener.clientId);
  }

  has(clientId: string): boolean {
    return this.byUser.has(clientId);
  }

  clientIds(): string[] {
    return [...this.byUser.keys()];
  }

  all(): TaskListener[] {
    return [...this.byUser.values()].flatMap((listeners) => [...listeners]);
  }

  /** Those who are told of this task. */
  of(clientId: string, taskId: string): TaskListener[] {
    const listeners = this.byUser.get(clientId) ?? [];
    return [...listeners].filter((listener) => listener.taskId === undefined || listener.taskId === taskId);
  }
}
