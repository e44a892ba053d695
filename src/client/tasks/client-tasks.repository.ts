import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { TaskParameter, TaskStatus } from '../../shared/index.js';
import type { Viewer } from '../auth/current-client.js';
import { CLIENT_TASK_COLUMNS, type ClientTaskRecord } from './client-task.record.js';
import type { WishedTask } from './task-wish.js';

export interface NewTask {
  task: WishedTask;
  webhookUrl: string | null;
}

export interface ResultRecord {
  taskRowId: string;
  outputIndex: number;
  fileName: string | null;
}

/** One file of a task; without a hash where the task has no file at that index. */
export interface ResultFileRecord {
  status: TaskStatus;
  fileName: string | null;
  fileHash: string | null;
  mimeType: string | null;
}

/** SQL of tasks as their owner makes, looks at and cancels them; long lists are TaskPagesRepository's, what the relay writes is TaskStatesRepository's. */
@Injectable()
export class ClientTasksRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async insert(executor: Executor, newTasks: NewTask[]): Promise<void> {
    await executor.run(
      `INSERT INTO client_tasks (task_id, client_id, task_type, workflow_name, workflow_version, prompt,
         negative_prompt, run_no, cancel_run, estimated_time, created_at, model_name, width, height, steps, cfg_scale,
         sampler, scheduler, seed, batch_size, batch_id, webhook_url) VALUES ?`,
      [
        newTasks.map(({ task, webhookUrl }) => [
          ...[task.taskId, task.clientId, task.taskType, task.workflowName, task.workflowVersion, task.prompt],
          ...[task.negativePrompt, task.runNo, task.cancelRun, task.estimatedTimeSeconds, task.createdAt],
          ...[task.modelName, task.width, task.height, task.steps, task.cfgScale],
          ...[task.sampler, task.scheduler, task.seed, task.batchSize, task.batchId, webhookUrl],
        ]),
      ],
    );
    const tasks = newTasks.map(({ task }) => task).filter(({ parameters }) => parameters.length > 0);
    if (tasks.length === 0) return;
    const rowIds = await this.findRowIds(executor, tasks);
    await executor.run(
      'INSERT INTO client_task_parameters (task_id, parameter_name, parameter_value, parameter_type, file_hash) VALUES ?',
      [
        tasks.flatMap(({ taskId, parameters }) =>
          parameters.map(({ name, value, type, fileHash = null }) => [
            rowIds.get(taskId)!,
            name,
            value,
            type,
            fileHash,
          ]),
        ),
      ],
    );
  }

  /** Asked for, not counted up from the first one: a server of several nodes leaves gaps between the ids. */
  private async findRowIds(executor: Executor, tasks: { taskId: string }[]): Promise<Map<string, string>> {
    const rows = await executor.rows<{ id: string; taskId: string }>(
      'SELECT id, task_id AS taskId FROM client_tasks WHERE task_id IN (?)',
      [tasks.map(({ taskId }) => taskId)],
    );
    return new Map(rows.map(({ id, taskId }) => [taskId, id]));
  }

  /** Whosever they are. */
  listByIds(taskIds: string[]): Promise<ClientTaskRecord[]> {
    return this.database.rows(`SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks WHERE task_id IN (?)`, [taskIds]);
  }

  /** A user's own, with the row held until the transaction ends. */
  async lock(executor: Executor, clientId: string, taskId: string): Promise<ClientTaskRecord | undefined> {
    const [task] = await executor.rows<ClientTaskRecord>(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks WHERE task_id = ? AND client_id = ? FOR UPDATE`,
      [taskId, clientId],
    );
    return task;
  }

  /** The same, whosever it is. */
  async lockAnyones(executor: Executor, taskId: string): Promise<ClientTaskRecord | undefined> {
    const [task] = await executor.rows<ClientTaskRecord>(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks WHERE task_id = ? FOR UPDATE`,
      [taskId],
    );
    return task;
  }

  async listParameters(executor: Executor, taskRowId: string): Promise<TaskParameter[]> {
    const rows = await executor.rows<TaskParameter>(
      `SELECT parameter_name AS name, parameter_type AS type, parameter_value AS value, file_hash AS fileHash
       FROM client_task_parameters WHERE task_id = ? ORDER BY id`,
      [taskRowId],
    );
    // As it was announced at the submit, to the letter.
    return rows.map(({ fileHash, ...parameter }) => (fileHash ? { ...parameter, fileHash } : parameter));
  }

  /** The files of each task's current run, in the order of their outputs. */
  async listResults(taskRowIds: string[]): Promise<ResultRecord[]> {
    if (taskRowIds.length === 0) return [];
    return this.database.rows(
      `SELECT r.task_id AS taskRowId, r.output_index AS outputIndex, r.file_name AS fileName
       FROM client_task_results r JOIN client_tasks t ON t.id = r.task_id AND t.run_no = r.run_no
       WHERE r.task_id IN (?) ORDER BY r.task_id, r.output_index`,
      [taskRowIds],
    );
  }

  async findResult(viewer: Viewer, taskId: string, outputIndex: number): Promise<ResultFileRecord | undefined> {
    const [file] = await this.database.rows<ResultFileRecord>(
      `SELECT t.status, r.file_name AS fileName, r.file_hash AS fileHash, r.mime_type AS mimeType
       FROM client_tasks t
       LEFT JOIN client_task_results r ON r.task_id = t.id AND r.run_no = t.run_no AND r.output_index = ?
       WHERE t.task_id = ?${viewer === 'overseer' ? '' : ' AND t.client_id = ?'}`,
      [outputIndex, taskId, ...(viewer === 'overseer' ? [] : [viewer.clientId])],
    );
    return file;
  }

  /** Writes the wish to cancel the current run, and nothing else (I1). */
  async wishCancel(executor: Executor, taskRowId: string): Promise<void> {
    await executor.run('UPDATE client_tasks SET cancel_run = GREATEST(cancel_run, run_no) WHERE id = ?', [taskRowId]);
  }

  /** Begins the next run as `shared` will, at version 0, queued: the one status that a wish may write (ADR 0001). */
  async wishReload(executor: Executor, taskRowId: string): Promise<void> {
    await executor.run(
      `UPDATE client_tasks
       SET run_no = run_no + 1, status = 'queued', state_version = 0, attempt_count = 0, progress = 0, message = NULL,
           error_code = NULL, error_message = NULL, started_at = NULL, completed_at = NULL, actual_time = NULL
       WHERE id = ?`,
      [taskRowId],
    );
  }
}
