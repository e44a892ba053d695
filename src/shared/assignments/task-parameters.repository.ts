import { Injectable } from '@nestjs/common';
import { Batcher } from '../../common/index.js';
import { Database, InjectDatabase } from '../../database/index.js';
import type { TaskParameter } from '../tasks/task-events.js';

interface ParameterRow extends Required<TaskParameter> {
  taskId: string;
}

/** The values of tasks that are about to run; sessions that ask at about the same time share one look. */
@Injectable()
export class TaskParametersRepository {
  private readonly batcher = new Batcher<string, TaskParameter[]>({
    most: 100,
    lanes: 2,
    work: (taskIds) => this.readAll(taskIds),
  });

  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  listOf(taskId: string): Promise<TaskParameter[]> {
    return this.batcher.do(taskId);
  }

  private async readAll(taskIds: string[]): Promise<PromiseSettledResult<TaskParameter[]>[]> {
    const rows = await this.database.rows<ParameterRow>(
      `SELECT t.task_id AS taskId, p.parameter_name AS name, p.parameter_type AS type, p.parameter_value AS value,
              p.file_hash AS fileHash
       FROM global_tasks t JOIN global_task_parameters p ON p.task_id = t.id WHERE t.task_id IN (?) ORDER BY p.id`,
      [taskIds],
    );
    const byTask = new Map<string, TaskParameter[]>(taskIds.map((taskId) => [taskId, []]));
    for (const { taskId, ...parameter } of rows) byTask.get(taskId)!.push(parameter);
    return taskIds.map((taskId) => ({ status: 'fulfilled', value: byTask.get(taskId)! }));
  }
}
