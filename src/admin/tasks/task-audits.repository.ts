import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database } from '../../database/index.js';

/** What an admin did with a task. */
export interface TaskAudit {
  action: string;
  actor: string;
  before: unknown;
  after: unknown;
  createdAt: Date;
}

/** SQL of the audit log where it is about tasks. */
@Injectable()
export class TaskAuditsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async list(taskId: string): Promise<TaskAudit[]> {
    const rows = await this.database.rows<TaskAudit>(
      `SELECT action, actor, before_state AS \`before\`, after_state AS \`after\`, created_at AS createdAt
       FROM audit_logs WHERE target_type = 'task' AND target_id = ? ORDER BY id`,
      [taskId],
    );
    return rows.map((row) => ({ ...row, before: fromJson(row.before), after: fromJson(row.after) }));
  }
}
