import { Inject, Injectable } from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../../common/index.js';
import { Signals } from '../../live/index.js';
import { GlobalTasksService, type AttemptProgress, type OpenAssignment } from '../../shared/index.js';
import { DEFAULT_POLICY } from '../scheduling/situation.js';

const WRITE_EVERY_MS = 1_000;

/**
 * How far this process's running tasks are: collected from the sockets, written in one statement a second (I16). The
 * scheduler in the same process knows at once.
 */
@Injectable()
export class ProgressBoard {
  private readonly changed = new Map<string, AttemptProgress>();
  /** By node and slot. */
  private readonly inSlots = new Map<string, { assignmentId: string; progress: number }>();
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly tasks: GlobalTasksService,
    private readonly signals: Signals,
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

  report(row: OpenAssignment, progress: number): void {
    const { taskId, runNo, assignmentId } = row;
    this.changed.set(taskId, { taskId, runNo, assignmentId, progress });
    this.note(row, progress);
  }

  /** The node is done with its prompt: the next one need not wait until that is on record. */
  reportEnd(row: OpenAssignment): void {
    this.note(row, 100);
  }

  private note({ assignmentId, nodeId, slot }: OpenAssignment, progress: number): void {
    if (slot === null) return;
    const before = this.progressAt(nodeId, slot);
    this.inSlots.set(placeOf(nodeId, slot), { assignmentId, progress });
    const { secondSlotFromPercent: from } = DEFAULT_POLICY;
    // The node's other slot is open from here on (I17).
    if (before < from && progress >= from) this.signals.emit('queue.changed');
  }

  /** Its slot goes to another. */
  forget(assignmentId: string): void {
    for (const [place, { assignmentId: there }] of this.inSlots) {
      if (there === assignmentId) this.inSlots.delete(place);
    }
  }

  /** How far the prompt in a slot is, as far as it is known here; the database is up to a second behind. */
  progressAt(nodeId: string, slot: number | null): number {
    return this.inSlots.get(placeOf(nodeId, slot))?.progress ?? 0;
  }

  private async write(): Promise<void> {
    const rows = [...this.changed.values()];
    this.changed.clear();
    await this.tasks.writeProgress(rows);
  }
}

function placeOf(nodeId: string, slot: number | null): string {
  return `${slot} ${nodeId}`;
}
