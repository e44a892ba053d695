import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';

/** Whose turn it is among tasks that wait: the one thing about them that is neither the wish's nor the state's. */
@Injectable()
export class TaskPrioritiesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Only while it waits with the priority that was seen. */
  async change(taskId: string, seen: number, priority: number): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE global_tasks SET priority = ? WHERE task_id = ? AND status = 'queued' AND priority = ?`,
      [priority, taskId, seen],
    );
    return changed === 1;
  }
}
