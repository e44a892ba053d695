import { Injectable } from '@nestjs/common';
import type { Executor, SqlValue } from '../../database/index.js';
import type { TaskWish } from './task-events.js';

/** Columns that a wish fills once and never changes, in the order of `rowOf`. */
const FIXED = [
  'task_id',
  'source_type',
  'source_user_id',
  'task_type',
  'workflow_name',
  'workflow_version',
  'requirement_key',
  'priority',
  'prompt',
  'negative_prompt',
  'model_name',
  'width',
  'height',
  'steps',
  'cfg_scale',
  'sampler',
  'scheduler',
  'seed',
  'batch_size',
  'batch_id',
  'estimated_time',
  'created_at',
];

/** What begins anew with each run; a run begins at version 0, queued, on both sides. */
const RESET: Record<string, string> = {
  status: `'queued'`,
  state_version: '0',
  attempt_count: '0',
  node_deaths: '0',
  progress: '0',
  message: 'NULL',
  error_code: 'NULL',
  error_message: 'NULL',
  node_id: 'NULL',
  current_assignment_id: 'NULL',
  excluded_nodes: 'NULL',
  avoided_node_id: 'NULL',
  retry_at: 'NULL',
  started_at: 'NULL',
  completed_at: 'NULL',
  actual_time: 'NULL',
  queued_at: 'VALUES(queued_at)',
  // What an admin gave another turn was that run.
  priority: 'VALUES(priority)',
};

/** Merges wishes into the queue: commutative, idempotent, in multi-row statements. */
@Injectable()
export class TaskWishesRepository {
  /**
   * Takes each counter only where it is larger. `run_no` stands last: assignments run from left to right, and every
   * comparison before it must still see the old one.
   */
  async merge(transaction: Executor, wishes: TaskWish[], now: Date): Promise<void> {
    const resets = Object.entries(RESET).map(
      ([column, value]) => `${column} = IF(VALUES(run_no) > run_no, ${value}, ${column})`,
    );
    await transaction.run(
      `INSERT INTO global_tasks (${FIXED.join(', ')}, queued_at, forgotten_at, cancel_run, run_no) VALUES ?
       ON DUPLICATE KEY UPDATE ${resets.join(', ')},
         forgotten_at = COALESCE(forgotten_at, VALUES(forgotten_at)),
         cancel_run = GREATEST(cancel_run, VALUES(cancel_run)),
         run_no = GREATEST(run_no, VALUES(run_no))`,
      [wishes.map((wish) => rowOf(wish, now))],
    );
  }

  /** Parameters never change after the submit: a repetition adds nothing. */
  async addParameters(transaction: Executor, wishes: TaskWish[]): Promise<void> {
    const ids = await transaction.rows<{ id: string; task_id: string }>(
      'SELECT id, task_id FROM global_tasks WHERE task_id IN (?)',
      [wishes.map(({ taskId }) => taskId)],
    );
    const idOf = new Map(ids.map((row) => [row.task_id, row.id]));
    const rows = wishes.flatMap((wish) =>
      wish.parameters.map(({ name, type, value, fileHash = null }) => [
        idOf.get(wish.taskId),
        name,
        value,
        type,
        fileHash,
      ]),
    );
    if (rows.length === 0) return;
    await transaction.run(
      `INSERT INTO global_task_parameters (task_id, parameter_name, parameter_value, parameter_type, file_hash) VALUES ?
       ON DUPLICATE KEY UPDATE parameter_name = parameter_name`,
      [rows],
    );
  }

  /** Queued tasks whose current run somebody wishes to cancel. */
  async listQueuedToCancel(executor: Executor, taskIds: string[]): Promise<{ taskId: string; runNo: number }[]> {
    const rows = await executor.rows<{ task_id: string; run_no: number }>(
      `SELECT task_id, run_no FROM global_tasks WHERE task_id IN (?) AND status = 'queued' AND cancel_run >= run_no`,
      [taskIds],
    );
    return rows.map((row) => ({ taskId: row.task_id, runNo: row.run_no }));
  }
}

function rowOf(wish: TaskWish, now: Date): SqlValue[] {
  const createdAt = new Date(wish.createdAt);
  return [
    wish.taskId,
    wish.sourceType,
    wish.sourceUserId,
    wish.taskType,
    wish.workflowName,
    wish.workflowVersion,
    wish.requirementKey,
    wish.priority,
    wish.prompt,
    wish.negativePrompt,
    wish.modelName,
    wish.width,
    wish.height,
    wish.steps,
    wish.cfgScale,
    wish.sampler,
    wish.scheduler,
    wish.seed,
    wish.batchSize,
    wish.batchId,
    wish.estimatedTimeSeconds,
    createdAt,
    // A reloaded task queues up anew; a first run has waited since it was asked for.
    wish.runNo === 1 ? createdAt : now,
    wish.forgottenAt === null ? null : new Date(wish.forgottenAt),
    wish.cancelRun,
    wish.runNo,
  ];
}
