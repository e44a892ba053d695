import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

export interface TableSize {
  estimatedRows: number;
  dataBytes: number;
  indexBytes: number;
}

export interface TaskRows {
  taskId: string;
  rows: number;
}

/** SQL of what operators want to know of the table of logs. */
@Injectable()
export class LogMonitorRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** The server's own estimates: exact figures would read every row. */
  async getSize(): Promise<TableSize> {
    const [row] = await this.database.rows<Record<keyof TableSize, string>>(
      `SELECT table_rows AS estimatedRows, data_length AS dataBytes, index_length AS indexBytes
       FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'task_flames_logs'`,
    );
    const { estimatedRows = 0, dataBytes = 0, indexBytes = 0 } = row ?? {};
    return {
      estimatedRows: Number(estimatedRows),
      dataBytes: Number(dataBytes),
      indexBytes: Number(indexBytes),
    };
  }

  /** Reads an index from end to end: about a second for five million rows. Largest first. */
  async countRowsPerTask(): Promise<TaskRows[]> {
    const rows = await this.database.rows<{ taskId: string; found: string }>(
      'SELECT task_id AS taskId, COUNT(*) AS found FROM task_flames_logs GROUP BY task_id',
    );
    return rows.map(({ taskId, found }) => ({ taskId, rows: Number(found) })).sort((a, b) => b.rows - a.rows);
  }

  /** Of the task whose rows were written first. */
  async findOldest(): Promise<{ taskId: string; writtenAt: Date; endTime: Date | null } | undefined> {
    const [row] = await this.database.rows<{ taskId: string; writtenAt: Date; endTime: Date | null }>(
      `SELECT l.task_id AS taskId, l.created_at AS writtenAt, t.end_time AS endTime
       FROM (SELECT task_id, created_at FROM task_flames_logs ORDER BY id LIMIT 1) l
       LEFT JOIN task_flames t ON t.task_id = l.task_id`,
    );
    return row;
  }
}
