import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase } from '../../database/index.js';
import type { RunnableTask } from './global-tasks.service.js';
import type { AttemptProgress, TaskParameter, TaskProgress } from './task-events.js';
import type { TaskStatus } from './task-state.js';

/** SQL over `global_tasks` that changes no status. */
@Injectable()
export class GlobalTasksRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async countUnfinished(): Promise<{ queued: number; processing: number }> {
    const rows = await this.database.rows<{ status: TaskStatus; n: string }>(
      `SELECT status, COUNT(*) AS n FROM global_tasks WHERE status IN ('queued', 'processing') GROUP BY status`,
    );
    const countOf = (wanted: TaskStatus) => Number(rows.find(({ status }) => status === wanted)?.n ?? 0);
    return { queued: countOf('queued'), processing: countOf('processing') };
  }

  async findRunnable(taskId: string): Promise<RunnableTask | undefined> {
    const [task] = await this.database.rows<{
      id: string;
      run_no: number;
      attempt_count: number;
      workflow_name: string;
      workflow_version: number;
      model_name: string | null;
      excluded_nodes: unknown;
    }>(
      `SELECT id, run_no, attempt_count, workflow_name, workflow_version, model_name, excluded_nodes
       FROM global_tasks WHERE task_id = ?`,
      [taskId],
    );
    if (!task) return undefined;
    const parameters = await this.database.rows<Required<TaskParameter>>(
      `SELECT parameter_name AS name, parameter_type AS type, parameter_value AS value, file_hash AS fileHash
       FROM global_task_parameters WHERE task_id = ? ORDER BY id`,
      [task.id],
    );
    return {
      taskId,
      runNo: task.run_no,
      attemptCount: task.attempt_count,
      workflowName: task.workflow_name,
      workflowVersion: task.workflow_version,
      modelName: task.model_name,
      excludedNodeIds: task.excluded_nodes === null ? [] : fromJson<string[]>(task.excluded_nodes),
      parameters,
    };
  }

  async writeProgress(progress: AttemptProgress[]): Promise<void> {
    if (progress.length === 0) return;
    const rows = progress.map(() => 'SELECT ? AS task_id, ? AS run_no, ? AS assignment_id, ? AS progress');
    // From the percentages to the tasks, in one order: by their status, the server would lock rows from the other end than
    // those who settle them do, and lose the deadlock again and again.
    const ordered = progress.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
    await this.database.run(
      `UPDATE (${rows.join(' UNION ALL ')}) p STRAIGHT_JOIN global_tasks t
         ON p.task_id = t.task_id AND p.run_no = t.run_no AND p.assignment_id = t.current_assignment_id
       SET t.progress = GREATEST(t.progress, p.progress) WHERE t.status = 'processing'`,
      ordered.flatMap((row) => [row.taskId, row.runNo, row.assignmentId, Math.min(99, row.progress)]),
    );
  }

  async listRunningProgress(): Promise<TaskProgress[]> {
    const rows = await this.database.rows<{ task_id: string; run_no: number; attempt_count: number; progress: string }>(
      `SELECT task_id, run_no, attempt_count, progress FROM global_tasks WHERE status = 'processing' AND progress > 0`,
    );
    return rows.map((row) => ({
      taskId: row.task_id,
      runNo: row.run_no,
      attemptCount: row.attempt_count,
      progress: Number(row.progress),
    }));
  }
}
