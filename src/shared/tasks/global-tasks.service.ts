import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/index.js';
import type { AttemptProgress, TaskParameter, TaskProgress } from './task-events.js';
import { GlobalTasksRepository } from './global-tasks.repository.js';

/** All that a dispatcher needs to run a task. */
export interface RunnableTask {
  taskId: string;
  runNo: number;
  attemptCount: number;
  workflowName: string;
  workflowVersion: number;
  modelName: string | null;
  /** Where it failed for good. */
  excludedNodeIds: string[];
  parameters: TaskParameter[];
}

/** Reads of the queue for those who show or run tasks, and the one write that is no transition: progress. */
@Injectable()
export class GlobalTasksService {
  constructor(private readonly tasks: GlobalTasksRepository) {}

  countUnfinished(): Promise<{ queued: number; processing: number }> {
    return this.tasks.countUnfinished();
  }

  async getRunnable(taskId: string): Promise<RunnableTask> {
    const task = await this.tasks.findRunnable(taskId);
    if (!task) throw new NotFoundError(`There is no task ${taskId}.`, 'TASK_NOT_FOUND');
    return task;
  }

  /** One statement for all running tasks of a process; never falls within an attempt (I16). */
  writeProgress(progress: AttemptProgress[]): Promise<void> {
    return this.tasks.writeProgress(progress);
  }

  listRunningProgress(): Promise<TaskProgress[]> {
    return this.tasks.listRunningProgress();
  }
}
