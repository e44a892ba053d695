import { ApiProperty } from '@nestjs/swagger';
import { showTime } from '../shown-time.js';
import type { LogStatistics } from './log-monitor.service.js';

const TASK = '0198f0a4-8f3e-7c3a-9d34-1f2a3b4c5d6e';
const TIME = '2026-11-22 18:00:00';

export class LogTableView {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: "The server's estimates.",
    example: { estimated_rows: 1_000_000, data_bytes: 850_000_000, index_bytes: 210_000_000 },
  })
  table: { estimated_rows: number; data_bytes: number; index_bytes: number };

  @ApiProperty({ type: 'integer', example: 1_000, description: 'Evaluations that have rows.' })
  tasks: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { min: 5, median: 1_000, p95: 1_000, max: 100_000, mean: 1_100.5 },
  })
  rows_per_task: LogStatistics['rowsPerTask'];

  @ApiProperty({ type: 'array', items: { type: 'object' }, example: [{ task_id: TASK, rows: 100_000 }] })
  largest: { task_id: string; rows: number }[];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { task_id: TASK, written_at: TIME, end_time: TIME },
  })
  oldest_task: { task_id: string; written_at: string | null; end_time: string | null } | null;

  @ApiProperty({ type: 'integer', example: 0, description: "Files of this process's machine that wait to be stored." })
  spool_files: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { started_at: TIME, ended_at: TIME, older_than: TIME, tasks: 12, rows_removed: 12_000 },
  })
  last_retention_run: object | null;

  @ApiProperty({ type: String, nullable: true, example: TIME, description: 'At most a minute ago.' })
  taken_at: string | null;
}

export function toLogTableView(statistics: LogStatistics, zone: string): LogTableView {
  const { size, tasks, rowsPerTask, largest, oldest, spoolFiles, lastRetentionRun: run, takenAt } = statistics;
  return {
    table: { estimated_rows: size.estimatedRows, data_bytes: size.dataBytes, index_bytes: size.indexBytes },
    tasks,
    rows_per_task: rowsPerTask,
    largest: largest.map(({ taskId, rows }) => ({ task_id: taskId, rows })),
    oldest_task: oldest
      ? {
          task_id: oldest.taskId,
          written_at: showTime(oldest.writtenAt, zone),
          end_time: showTime(oldest.endTime, zone),
        }
      : null,
    spool_files: spoolFiles,
    last_retention_run: run
      ? {
          started_at: showTime(run.startedAt, zone),
          ended_at: showTime(run.endedAt, zone),
          older_than: showTime(run.olderThan, zone),
          tasks: run.tasks,
          rows_removed: run.rowsRemoved,
        }
      : null,
    taken_at: showTime(takenAt, zone),
  };
}
