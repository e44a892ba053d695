import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../common/index.js';
import { RUN_STATUSES, type JobRunRecord, type RunStatus } from '../admin/index.js';
import type { Page } from '../common/index.js';
import type { JobOutcome } from './job-runner.js';
import type { ListRunsQuery } from './jobs.dto.js';
import type { JobState } from './jobs.service.js';

export class JobRunView {
  @ApiProperty({ example: '2026-11-22T10:25:00.000Z', description: 'When it was due, or `manual:<id>`.' })
  run_key: string;

  @ApiProperty({ enum: RUN_STATUSES })
  status: RunStatus;

  @ApiProperty({ format: 'date-time' })
  started_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  duration_ms: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, example: { removed: 12 } })
  result: unknown;

  @ApiProperty({ type: String, nullable: true })
  error: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The process that ran it, by its id.' })
  process_id: string | null;
}

export class JobView {
  @ApiProperty({ example: 'outbox-retention' })
  name: string;

  @ApiProperty({ example: 'Removes events some days after they were applied.' })
  description: string;

  @ApiProperty({ example: 'every hour at minute 25' })
  schedule: string;

  @ApiProperty({ example: '0 25 * * * *', description: 'Cron with seconds first, in UTC, or a period.' })
  schedule_expression: string;

  @ApiProperty({ format: 'date-time' })
  next_due_at: string;

  @ApiProperty({ description: 'A process is at it now.' })
  is_running: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'The process that runs it now, by its id.' })
  running_in: string | null;

  @ApiProperty({ type: JobRunView, nullable: true })
  last_run: JobRunView | null;
}

export class JobListView {
  @ApiProperty({ type: [JobView] })
  jobs: JobView[];

  @ApiProperty({ type: 'integer' })
  total: number;
}

export class JobRunListView extends PageView {
  @ApiProperty({ type: [JobRunView] })
  runs: JobRunView[];
}

export class RunJobView {
  @ApiProperty({ example: 'manual:019ab0c2-1f7e-7c1e-9d5c-0a8f3b2d4e6f' })
  run_key: string;

  @ApiProperty({ enum: RUN_STATUSES, description: '`running` with 202: look at `runs`.' })
  status: RunStatus;

  @ApiProperty({ type: 'integer', nullable: true })
  duration_ms: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  result: unknown;

  @ApiProperty({ type: String, nullable: true })
  error: string | null;

  @ApiProperty({ example: '/api/admin/jobs/outbox-retention/runs', description: 'Where its end is to be seen.' })
  runs: string;
}

export function toJobView({ job, schedule, nextDueAt, latest, heldBy }: JobState): JobView {
  // A killed process leaves its run at `running` until the next holder of the lease closes it.
  const isRunning = latest?.status === 'running' && heldBy === latest.owner;
  return {
    name: job.name,
    description: job.description,
    schedule: schedule.inWords,
    schedule_expression: schedule.expression,
    next_due_at: nextDueAt.toISOString(),
    is_running: isRunning,
    running_in: isRunning ? latest.owner : null,
    last_run: latest ? toJobRunView(latest) : null,
  };
}

export function toJobRunView(run: JobRunRecord): JobRunView {
  return {
    run_key: run.runKey,
    status: run.status,
    started_at: run.startedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    duration_ms: run.durationMs,
    result: run.result,
    error: run.error,
    process_id: run.owner,
  };
}

export function toRunListView({ items, total }: Page<JobRunRecord>, { limit, offset }: ListRunsQuery): JobRunListView {
  return { runs: items.map(toJobRunView), total, limit, offset };
}

export function toRunJobView(name: string, runKey: string, outcome: JobOutcome | undefined): RunJobView {
  return {
    run_key: runKey,
    status: outcome?.status ?? 'running',
    duration_ms: outcome?.durationMs ?? null,
    result: outcome?.result ?? null,
    error: outcome?.error ?? null,
    runs: `/api/admin/jobs/${name}/runs`,
  };
}
