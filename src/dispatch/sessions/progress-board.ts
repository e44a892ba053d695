import { Inject, Injectable } from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../../common/index.js';
import { GlobalTasksService, type AttemptProgress, type OpenAssignment } from '../../shared/index.js';

const WRITE_EVERY_MS = 1_000;

/** How far this process's running tasks are: collected from the sockets, written in one statement a second (I16). */
@Injectable()
export class ProgressBoard {
  private readonly changed = new Map<string, AttemptProgress>();
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly tasks: GlobalTasksService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.loop = new BackgroundLoop({ name: 'progress', logger, sweepMs: WRITE_EVERY_MS, round: () => this.write() });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  report({ taskId, runNo, assignmentId }: OpenAssignment, progress: number): void {
    this.changed.set(taskId, { taskId, runNo, assignmentId, progress });
  }

  private async write(): Promise<void> {
    const rows = [...this.changed.values()];
    this.changed.clear();
    await this.tasks.writeProgress(rows);
  }
}
