import { Injectable } from '@nestjs/common';
import { QueueFiguresService, TASK_STATUSES } from '../../shared/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;

/** What waits and for how long, and how many tasks there are. */
@Injectable()
export class QueueFacts implements FactSource {
  readonly name = 'queue';
  readonly told;
  private readonly depth;
  private readonly age;
  private readonly tasks;

  constructor(
    registry: FactRegistry,
    private readonly queue: QueueFiguresService,
  ) {
    this.depth = gauge(registry, 'cws_queue_tasks', 'Tasks that wait for a node.', ['task_type']);
    this.age = gauge(registry, 'cws_queue_oldest_seconds', 'How long the oldest of them has waited.', ['task_type']);
    this.tasks = gauge(registry, 'cws_tasks', 'Tasks in the database, by status.', ['status']);
    this.told = [this.depth, this.age, this.tasks];
  }

  async read(): Promise<() => void> {
    const [waiting, counts] = await Promise.all([this.queue.listWaiting(), this.queue.countByStatus()]);
    return () => {
      for (const taskType of TASK_TYPES) {
        const found = waiting.find((each) => each.taskType === taskType);
        this.depth.set({ task_type: taskType }, found?.tasks ?? 0);
        this.age.set({ task_type: taskType }, found?.oldestSeconds ?? 0);
      }
      for (const status of TASK_STATUSES) this.tasks.set({ status }, counts[status]);
    };
  }
}
