import { Inject, Injectable, Optional } from '@nestjs/common';
import { NotFoundError } from '../../common/index.js';
import { TaskRecordsRepository } from '../../shared/index.js';
import { TaskAuditsRepository } from './task-audits.repository.js';
import { tellStory, type TaskStoryView } from './task-story.js';
import { USER_TASKS, type UserTasks } from './user-tasks.js';

/** Puts together from all databases what became of a task. */
@Injectable()
export class TaskStoriesService {
  constructor(
    private readonly records: TaskRecordsRepository,
    private readonly audits: TaskAuditsRepository,
    @Optional() @Inject(USER_TASKS) private readonly userTasks?: UserTasks,
  ) {}

  async tell(taskId: string): Promise<TaskStoryView> {
    const task = await this.records.find(taskId);
    if (!task) throw new NotFoundError('There is no such task.', 'TASK_NOT_FOUND');
    const [attempts, states, trace, audits] = await Promise.all([
      this.records.listAttempts(task.id),
      this.records.listAnnounced(taskId),
      this.userTasks?.findTrace(taskId),
      this.audits.list(taskId),
    ]);
    return tellStory({ task, attempts, states, trace, audits });
  }
}
