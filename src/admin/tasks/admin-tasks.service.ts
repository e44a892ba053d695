import { Injectable } from '@nestjs/common';
import { GlobalTasksService } from '../../shared/index.js';
import { toAdminTaskView, type AdminTaskListView } from './admin-task-view.js';
import type { ListAdminTasksQuery } from './list-admin-tasks.query.js';

/** All users' tasks, as admins look at them. */
@Injectable()
export class AdminTasksService {
  constructor(private readonly tasks: GlobalTasksService) {}

  async list(query: ListAdminTasksQuery): Promise<AdminTaskListView> {
    const { limit, offset, status, task_type: taskType } = query;
    const { items, total } = await this.tasks.list({
      limit,
      offset,
      ...(status ? { status } : {}),
      ...(taskType ? { taskType } : {}),
    });
    return { tasks: items.map(toAdminTaskView), total, limit, offset };
  }
}
