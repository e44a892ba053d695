import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import { bucketSql } from './histogram.js';
import type { EndedRow, EndedStatus, GroupKey, TaskFacts } from './task-counts.js';

const HOUR_MS = 3_600_000;
const ENDED = `status IN ('completed', 'failed', 'cancelled')`;
/** Names that differ in case alone stay apart, as they do where they are counted. */
const EXACT = 'COLLATE utf8mb4_bin';
const GROUP = `task_type ${EXACT} AS taskType, workflow_name ${EXACT} AS workflowName, source_type ${EXACT} AS sourceType`;
const WITH_NODE = `${GROUP}, COALESCE(node_id, '') ${EXACT} AS nodeId`;
/** Clocks of two machines may differ: nothing takes less than no time. */
const msBetween = (from: string, to: string) =>
  `IF(status = 'completed', GREATEST(0, TIMESTAMPDIFF(MICROSECOND, ${from}, ${to}) DIV 1000), NULL)`;

/** What is counted of tasks, read from their rows; each of these reads is one statement, and so one moment. */
@Injectable()
export class TaskFactsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Of the hour that begins then. */
  async read(executor: Executor, hour: Date): Promise<TaskFacts> {
    const range = [hour, new Date(hour.getTime() + HOUR_MS)];
    const submitted = await executor.rows<GroupKey & { tasks: string }>(
      `SELECT ${GROUP}, '' AS nodeId, COUNT(*) AS tasks FROM global_tasks
       WHERE created_at >= ? AND created_at < ? GROUP BY taskType, workflowName, sourceType`,
      range,
    );
    const ended = await executor.rows<EndedRow>(
      `SELECT taskType, workflowName, nodeId, sourceType, status, waitBucket, runBucket,
              COUNT(*) AS tasks, SUM(wait) AS waitMs, SUM(run) AS runMs
       FROM (SELECT f.*, ${bucketSql('wait')} AS waitBucket, ${bucketSql('run')} AS runBucket
             FROM (SELECT ${WITH_NODE}, status, ${msBetween('queued_at', 'started_at')} AS wait,
                          ${msBetween('started_at', 'completed_at')} AS run
                   FROM global_tasks WHERE completed_at >= ? AND completed_at < ? AND ${ENDED}) f) facts
       GROUP BY taskType, workflowName, nodeId, sourceType, status, waitBucket, runBucket`,
      range,
    );
    const bytes = await executor.rows<GroupKey & { bytes: string }>(
      `SELECT ${WITH_NODE}, SUM(size) AS bytes
       FROM (SELECT t.task_type, t.workflow_name, t.source_type, t.node_id, r.file_size AS size
             FROM global_tasks t JOIN global_task_results r ON r.task_id = t.id AND r.run_no = t.run_no
             WHERE t.completed_at >= ? AND t.completed_at < ? AND t.${ENDED}) files
       GROUP BY taskType, workflowName, nodeId, sourceType`,
      range,
    );
    return { submitted, ended, bytes };
  }

  /** Counts of part of an hour, by a short look at rows that an index names. */
  async count(from: Date, to: Date): Promise<Record<'submitted' | EndedStatus, number>> {
    const [submitted, ended] = await Promise.all([
      this.database.rows<{ tasks: string }>(
        'SELECT COUNT(*) AS tasks FROM global_tasks WHERE created_at >= ? AND created_at < ?',
        [from, to],
      ),
      this.database.rows<{ status: EndedStatus; tasks: string }>(
        `SELECT status, COUNT(*) AS tasks FROM global_tasks
         WHERE completed_at >= ? AND completed_at < ? AND ${ENDED} GROUP BY status`,
        [from, to],
      ),
    ]);
    const counts = { submitted: Number(submitted[0]!.tasks), completed: 0, failed: 0, cancelled: 0 };
    for (const { status, tasks } of ended) counts[status] = Number(tasks);
    return counts;
  }

  async countOpen(): Promise<{ queued: number; processing: number }> {
    const rows = await this.database.rows<{ status: 'queued' | 'processing'; tasks: string }>(
      `SELECT status, COUNT(*) AS tasks FROM global_tasks WHERE status IN ('queued', 'processing') GROUP BY status`,
    );
    const counts = { queued: 0, processing: 0 };
    for (const { status, tasks } of rows) counts[status] = Number(tasks);
    return counts;
  }

  async findHighestId(): Promise<number> {
    const [row] = await this.database.rows<{ id: string | null }>('SELECT MAX(id) AS id FROM global_tasks');
    return Number(row?.id ?? 0);
  }

  /** Hours before `before` in which tasks with higher ids were submitted or ended: rows that came late. */
  async listHoursOfNewer(id: number, before: Date): Promise<Date[]> {
    const hours = async (column: 'created_at' | 'completed_at') =>
      this.database.rows<{ hour: string }>(
        `SELECT DISTINCT TIMESTAMPDIFF(HOUR, '1970-01-01', ${column}) AS hour FROM global_tasks
         WHERE id > ? AND ${column} < ?`,
        [id, before],
      );
    const found = [...(await hours('created_at')), ...(await hours('completed_at'))];
    return [...new Set(found.map(({ hour }) => Number(hour)))].map((hour) => new Date(hour * HOUR_MS));
  }
}
