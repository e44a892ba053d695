import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type SqlValue } from '../../database/index.js';
import type { TaskType } from './task-events.js';
import { conditionsOf, type TaskAccess, type TaskFilter, type TaskOrder } from './task-search.js';
import type { TaskStatus } from './task-state.js';

/** A task in a list of all users' tasks. */
export interface GlobalTaskSummary {
  /** Of the row: tasks of the same millisecond are in its order. */
  id: string;
  taskId: string;
  sourceUserId: string;
  taskType: TaskType;
  workflowName: string;
  status: TaskStatus;
  runNo: number;
  priority: number;
  prompt: string | null;
  negativePrompt: string | null;
  progress: number;
  message: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  nodeId: string | null;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Names of its results, by their index. */
  files: string[];
}

type SummaryRow = Omit<GlobalTaskSummary, 'files' | 'progress'> & { progress: string };

const COLUMNS = `t.id, t.task_id AS taskId, t.source_user_id AS sourceUserId, t.task_type AS taskType,
  t.workflow_name AS workflowName, t.status, t.run_no AS runNo, t.priority, t.prompt,
  t.negative_prompt AS negativePrompt, t.progress, t.message, t.error_code AS errorCode,
  t.error_message AS errorMessage, t.node_id AS nodeId, t.created_at AS createdAt, t.updated_at AS updatedAt,
  t.started_at AS startedAt, t.completed_at AS completedAt`;

/** The task that a page goes on behind. */
export interface TaskMark {
  createdAt: Date;
  id: string;
}

export interface TaskStretch {
  access: TaskAccess;
  order: TaskOrder;
  limit: number;
  offset: number;
  after?: TaskMark | undefined;
}

/** SQL of lists of all users' tasks. */
@Injectable()
export class TaskSearchRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async count(filter: TaskFilter, access: TaskAccess): Promise<number> {
    const { from, where, values } = conditionsOf(filter, access);
    const [row] = await this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${from} WHERE ${where}`, values);
    return Number(row?.n ?? 0);
  }

  /** The ids first: what is skipped is skipped in an index where it can be, and never read with its prompt. */
  async list(filter: TaskFilter, { access, order, limit, offset, after }: TaskStretch): Promise<GlobalTaskSummary[]> {
    const { from, where, values } = conditionsOf(filter, access);
    const [direction, beyond] = order === 'newest' ? ['DESC', '<'] : ['ASC', '>'];
    const behind = after ? ` AND created_at ${beyond}= ? AND (created_at ${beyond} ? OR id ${beyond} ?)` : '';
    const mark: SqlValue[] = after ? [after.createdAt, after.createdAt, after.id] : [];
    const rows = await this.database.rows<SummaryRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT id AS page_id FROM ${from} WHERE ${where}${behind}
         ORDER BY created_at ${direction}, id ${direction} LIMIT ? OFFSET ?) page
       JOIN global_tasks t ON t.id = page.page_id ORDER BY t.created_at ${direction}, t.id ${direction}`,
      [...values, ...mark, limit, offset],
    );
    const files = await this.listFileNames(rows.map(({ id }) => id));
    return rows.map((row) => ({ ...row, progress: Number(row.progress), files: files.get(row.id) ?? [] }));
  }

  /** Tasks that are not over and whose cancel nobody wishes, in no order; how many there are beside these. */
  async listUnfinished(filter: TaskFilter, limit: number): Promise<{ taskIds: string[]; total: number }> {
    const statuses = filter.status ? [filter.status] : ['queued', 'processing'];
    const access = filter.taskIdPrefix === undefined ? 'status' : 'id';
    const { from, where, values } = conditionsOf({ ...filter, status: undefined }, access);
    const unfinished = `FROM ${from} WHERE status IN (?) AND cancel_run < run_no AND ${where}`;
    const [rows, [counted]] = await Promise.all([
      this.database.rows<{ taskId: string }>(`SELECT task_id AS taskId ${unfinished} LIMIT ?`, [
        ...[statuses, ...values],
        limit,
      ]),
      this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n ${unfinished}`, [statuses, ...values]),
    ]);
    return { taskIds: rows.map(({ taskId }) => taskId), total: Number(counted?.n ?? 0) };
  }

  /** When the task was made that stands so far behind the newest one of the time asked for; undefined: there are fewer. */
  async findTimeOf({ from, to }: TaskFilter, place: number): Promise<Date | undefined> {
    const { from: table, where, values } = conditionsOf({ from, to }, 'time');
    const [row] = await this.database.rows<{ createdAt: Date }>(
      `SELECT created_at AS createdAt FROM ${table} WHERE ${where} ORDER BY created_at DESC LIMIT 1 OFFSET ?`,
      [...values, place],
    );
    return row?.createdAt;
  }

  private async listFileNames(taskRowIds: string[]): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>();
    if (taskRowIds.length === 0) return names;
    const rows = await this.database.rows<{ taskRowId: string; fileName: string | null }>(
      `SELECT r.task_id AS taskRowId, r.file_name AS fileName
       FROM global_task_results r JOIN global_tasks t ON t.id = r.task_id AND t.run_no = r.run_no
       WHERE r.task_id IN (?) ORDER BY r.task_id, r.output_index`,
      [taskRowIds],
    );
    for (const { taskRowId, fileName } of rows)
      names.set(taskRowId, [...(names.get(taskRowId) ?? []), fileName ?? 'file']);
    return names;
  }
}
