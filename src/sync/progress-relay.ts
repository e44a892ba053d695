import { BackgroundLoop, type Logger } from '../common/index.js';
import type { LeaseKeeper } from '../database/index.js';
import type { TaskProgress } from '../shared/index.js';

export interface ProgressRelayOptions {
  leases: LeaseKeeper;
  logger: Logger;
  read: () => Promise<TaskProgress[]>;
  write: (progress: TaskProgress[]) => Promise<void>;
}

const EVERY_MS = 1_000;

/** Carries percentages of running tasks over once a second, without events: only those that moved, in one statement. */
export class ProgressRelay {
  private readonly loop: BackgroundLoop;
  private last = new Map<string, string>();

  constructor(private readonly options: ProgressRelayOptions) {
    this.loop = new BackgroundLoop({
      name: 'relay:progress',
      logger: options.logger,
      sweepMs: EVERY_MS,
      round: () => this.carry(),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async carry(): Promise<void> {
    if (!(await this.options.leases.tryAcquire('relay:progress'))) return;
    const running = await this.options.read();
    const moved = running.filter((task) => this.last.get(task.taskId) !== fingerprint(task));
    if (moved.length > 0) await this.options.write(moved);
    this.last = new Map(running.map((task) => [task.taskId, fingerprint(task)]));
  }
}

function fingerprint({ runNo, attemptCount, progress }: TaskProgress): string {
  return `${runNo}/${attemptCount}/${progress}`;
}
