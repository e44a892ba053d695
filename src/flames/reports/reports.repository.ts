import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database } from '../../database/index.js';
import type { FlamesTaskConfig } from '../tasks/flames-task.js';

/** A task as its report needs it; columns of old installations may be empty. */
export interface ReportTask {
  taskId: string;
  modelName: string | null;
  datasetId: number | null;
  datasetName: string | null;
  submitTime: Date | null;
  endTime: Date | null;
  status: string | null;
  isLegacy: boolean;
  isHeld: boolean;
  logsRemovedAt: Date | null;
  config: FlamesTaskConfig | null;
  /** What the run left: figures, and in old rows ten log rows of each dimension. */
  result: unknown;
  metrics: unknown;
  scorer: string | null;
  revision: string | null;
}

type Row = Omit<ReportTask, 'isLegacy' | 'isHeld'> & { isLegacy: number; isHeld: number };

/** As many as a chart can show. */
const MOST_TRENDS = 500;

const SELECT = `
  SELECT t.task_id AS taskId, t.model_name AS modelName, t.dataset_id AS datasetId, d.name AS datasetName,
    t.submit_time AS submitTime, t.end_time AS endTime, t.status, t.is_legacy AS isLegacy, t.legal_hold AS isHeld,
    t.logs_removed_at AS logsRemovedAt, t.config, t.result, r.metrics, r.scorer, r.revision
  FROM task_flames t
  LEFT JOIN flames_results r ON r.task_id = t.task_id
  LEFT JOIN flames_datasets d ON d.number = t.dataset_id`;

/** SQL of what reports say of a task. */
@Injectable()
export class ReportsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  async find(taskId: string): Promise<ReportTask | undefined> {
    const [row] = await this.database.rows<Row>(`${SELECT} WHERE t.task_id = ?`, [taskId]);
    return row && toReportTask(row);
  }

  /** The newest, oldest of them first. */
  async listCompleted(modelName: string): Promise<ReportTask[]> {
    const rows = await this.database.rows<Row>(
      `${SELECT} WHERE t.status = 'completed' AND t.model_name = ? ORDER BY t.submit_time DESC, t.task_id DESC LIMIT ?`,
      [modelName, MOST_TRENDS],
    );
    return rows.map(toReportTask).reverse();
  }

  /** False where there is no such task. */
  async setLegalHold(taskId: string, isHeld: boolean): Promise<boolean> {
    return (await this.database.run('UPDATE task_flames SET legal_hold = ? WHERE task_id = ?', [isHeld, taskId])) === 1;
  }
}

function toReportTask(row: Row): ReportTask {
  return {
    ...row,
    isLegacy: row.isLegacy === 1,
    isHeld: row.isHeld === 1,
    config: fromJson(row.config),
    result: fromJson(row.result),
    metrics: fromJson(row.metrics),
  };
}
