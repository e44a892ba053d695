import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

const STATUSES = ['running', 'done', 'failed'] as const;

/** One run of a scheduled job. */
@Entity('job_runs')
@Index('uq_job_runs_job_name_run_key', ['jobName', 'runKey'], { unique: true })
@Index('ix_job_runs_job_name_started_at', ['jobName', 'startedAt'])
@Index('ix_job_runs_job_name_status_started_at', ['jobName', 'status', 'startedAt'])
export class JobRun {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 100 }) jobName: string;
  /** The hour or day that the run is about: a second run of it cannot start. */
  @Column('varchar', { length: 100 }) runKey: string;
  @Column('enum', { enum: STATUSES }) status: (typeof STATUSES)[number];
  @Column('datetime', { precision: 3 }) startedAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) finishedAt: Date | null;
  @Column('int', { nullable: true }) durationMs: number | null;
  @Column('char', { length: 36, nullable: true }) owner: string | null;
  /** Of the lease that it ran under: who holds a later one may begin it anew, who held an earlier one may not end it. */
  @Column('bigint', { default: 0 }) leaseToken: string;
  @Column('json', { nullable: true }) result: unknown;
  @Column('text', { nullable: true }) error: string | null;
}
