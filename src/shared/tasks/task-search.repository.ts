import { Injectable } from '@nestjs/common';
import type { TimeCursor } from '../../common/index.js';
import { Database, InjectDatabase, type SqlValue } from '../../database/index.js';
import type { TaskType } from './task-events.js';
import { conditionsOf, stretchesOf, type TaskAccess, type TaskFilter, type TaskOrder } from './task-search.js';
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

export interface TaskStretch {
  access: TaskAccess;
  order: TaskOrder;
  limit: number;
  offset: number;
  after?: TimeCursor | undefined;
}

/** Where to go on ending tasks, how many to take, and how many to count at most of each kind. */
export interface UnfinishedStretch {
  limit: number;
  after?: TimeCursor | undefined;
  countUpTo: number;
}

export interface UnfinishedTasks {
  tasks: (TimeCursor & { taskId: string })[];
  total: number;
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
  async list(filter: TaskFilter, stretch: TaskStretch): Promise<GlobalTaskSummary[]> {
    const { access, order, limit, offset } = stretch;
    const direction = order === 'newest' ? 'DESC' : 'ASC';
    const by = (table: string) => `ORDER BY ${table}created_at ${direction}, ${table}id ${direction}`;
    const found = unite(stretchesOf(filter, access), stretch, by(''));
    const rows = await this.database.rows<SummaryRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT id FROM (${found.sql}) found ${by('')} LIMIT ? OFFSET ?
       ) page JOIN global_tasks t ON t.id = page.id ${by('t.')}`,
      [...found.values, limit, offset],
    );
    const files = await this.listFileNames(rows.map(({ id }) => id));
    return rows.map((row) => ({ ...row, progress: Number(row.progress), files: files.get(row.id) ?? [] }));
  }

  /**
   * Tasks that are not over and whose cancel nobody wishes, the oldest first; how many there are beyond the mark, these
   * among them, as far as it is worth counting.
   */
  async listUnfinished(filter: TaskFilter, { limit, after, countUpTo }: UnfinishedStretch): Promise<UnfinishedTasks> {
    const statuses = filter.status ? [filter.status] : (['queued', 'processing'] as const);
    const access = filter.taskIdPrefix !== undefined ? 'id' : filter.userId !== undefined ? 'user' : 'kind';
    const filters = statuses.flatMap((status) => stretchesOf({ ...filter, status }, access));
    const stretch = { access, order: 'oldest', offset: 0, after } as const;
    const unfinished = (most: number) =>
      unite(filters, { ...stretch, limit: most }, 'AND cancel_run < run_no ORDER BY created_at, id');
    const [page, all] = [unfinished(limit), unfinished(countUpTo)];
    const [tasks, [counted]] = await Promise.all([
      this.database.rows<TimeCursor & { taskId: string }>(
        `SELECT t.task_id AS taskId, t.id, t.created_at AS createdAt FROM (${page.sql}) found
         JOIN global_tasks t ON t.id = found.id ORDER BY t.created_at, t.id LIMIT ?`,
        [...page.values, limit],
      ),
      this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM (${all.sql}) found`, all.values),
    ]);
    return { tasks, total: Number(counted?.n ?? 0) };
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

/** As many of the first tasks of each of these filters as the pages up to this one could hold of it. */
function unite(filters: TaskFilter[], { access, order, limit, offset, after }: TaskStretch, by: string) {
  const beyond = order === 'newest' ? '<' : '>';
  const behind = after ? ` AND created_at ${beyond}= ? AND (created_at ${beyond} ? OR id ${beyond} ?)` : '';
  const mark: SqlValue[] = after ? [after.createdAt, after.createdAt, after.id] : [];
  const parts = filters.map((filter) => {
    const { from, where, values } = conditionsOf(filter, access);
    const sql = `(SELECT id, created_at FROM ${from} WHERE ${where}${behind} ${by} LIMIT ?)`;
    return { sql, values: [...values, ...mark, limit + offset] };
  });
  return { sql: parts.map(({ sql }) => sql).join(' UNION ALL '), values: parts.flatMap(({ values }) => values) };
}
