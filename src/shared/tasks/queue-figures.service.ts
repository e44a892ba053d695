import { Injectable } from '@nestjs/common';
import { Clock, RelaxedReading } from '../../common/index.js';
import {
  QueueFiguresRepository,
  type EndedTask,
  type LeaseState,
  type WaitingTasks,
} from './queue-figures.repository.js';
import { TASK_STATUSES, type TaskStatus } from './task-state.js';

const COUNTS_MS = 2_000;
const BLOBS_MS = 60_000;

/** The queue, the files and the leases in numbers, for those who watch. */
@Injectable()
export class QueueFiguresService {
  private readonly counts: RelaxedReading<Map<TaskStatus, number>>;
  private readonly waiting: RelaxedReading<WaitingTasks[]>;
  private readonly blobs: RelaxedReading<{ blobs: number; bytes: number }>;

  constructor(
    private readonly figures: QueueFiguresRepository,
    clock: Clock,
  ) {
    this.counts = new RelaxedReading(clock, COUNTS_MS, () => figures.countByStatus());
    this.waiting = new RelaxedReading(clock, 0, () => figures.listWaiting());
    this.blobs = new RelaxedReading(clock, BLOBS_MS, () => figures.sumBlobs());
  }

  /** The older the more tasks wait: a million take the server seconds. */
  listWaiting(): Promise<WaitingTasks[]> {
    return this.waiting.get();
  }

  /** Every status, seconds old at the most while there are fewer than some hundred thousand tasks. */
  async countByStatus(): Promise<Record<TaskStatus, number>> {
    const counts = await this.counts.get();
    return Object.fromEntries(TASK_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as Record<
      TaskStatus,
      number
    >;
  }

  countTakenSlots(): Promise<Map<string, number>> {
    return this.figures.countTakenSlots();
  }

  listEnded(from: Date, to: Date): Promise<EndedTask[]> {
    return this.figures.listEnded(from, to);
  }

  listLeases(): Promise<LeaseState[]> {
    return this.figures.listLeases();
  }

  sumBlobs(): Promise<{ blobs: number; bytes: number }> {
    return this.blobs.get();
  }
}
