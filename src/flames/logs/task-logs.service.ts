import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { TaskLog } from './task-log.js';

/** The rows of every answered prompt. */
@Injectable()
export class TaskLogsService {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  async insertTaskLogs(taskId: string, logs: TaskLog[]): Promise<void> {
    if (logs.length === 0) return;
    await this.database.run(
      `INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response, item_key, repeat_no) VALUES ?
       ON DUPLICATE KEY UPDATE id = id`,
      [logs.map((log) => [taskId, log.dimension, log.predicted, log.prompt, log.response, log.itemKey, log.repeatNo])],
    );
  }
}
