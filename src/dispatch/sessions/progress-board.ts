import { Inject, Injectable } from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import { GlobalTasksService, type AttemptProgress, type OpenAssignment } from '../../shared/index.js';
import { toPolicy } from '../scheduling/policy.js';
import type { PlanPolicy } from '../scheduling/situation.js';

const WRITE_EVERY_MS = 1_000;

/**
 * How far this process's running tasks are: collected from the sockets, written in one statement a second (I16). The
 * scheduler in the same process knows at once.
 */
@Injectable()
export class ProgressBoard {
  private readonly changed = new Map<string, AttemptProgress>();
  /** By attempt, while it has a slot. */
  private readonly onNodes = new Map<string, number>();
  private readonly policy: PlanPolicy;
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly tasks: GlobalTasksService,
    private readonly signals: Signals,
    @Inject(LOGGER) logger: Logger,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.policy = toPolicy(settings);
    this.loop = new BackgroundLoop({ name: 'progress', logger, sweepMs: WRITE_EVERY_MS, round: () => this.write() });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  report(row: OpenAssignment, progress: number): void {
    const { taskId, runNo, assignmentId } = row;
    this.changed.set(taskId, { taskId, runNo, assignmentId, progress });
    this.note(row, progress);
  }

  /** The node is done with its prompt: the next one need not wait until that is on record. */
  reportEnd(row: OpenAssignment): void {
    this.note(row, 100);
  }

  private note({ assignmentId, slot }: OpenAssignment, progress: number): void {
    if (slot === null) return;
    const before = this.progressOf(assignmentId);
    this.onNodes.set(assignmentId, progress);
    const { secondSlotFromPercent: from } = this.policy;
    // The node's other slot is open from here on (I17).
    if (before < from && progress >= from) this.signals.emit('queue.changed');
  }

  /** Its slot goes to another. */
  forget(assignmentId: string): void {
    this.onNodes.delete(assignmentId);
  }

  /** How far an attempt is, as far as it is known here; the database is up to a second behind. */
  progressOf(assignmentId: string): number {
    return this.onNodes.get(assignmentId) ?? 0;
  }

  private async write(): Promise<void> {
    const rows = [...this.changed.values()];
    this.changed.clear();
    await this.tasks.writeProgress(rows);
  }
}
