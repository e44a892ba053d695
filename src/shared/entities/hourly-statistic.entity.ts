import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** Counts and mergeable histograms of an hour. */
@Entity('hourly_statistics')
@Index('uq_hourly_statistics_hour_and_group', ['statHour', 'taskType', 'workflowName', 'nodeId', 'sourceType'], {
  unique: true,
})
@Index('ix_hourly_statistics_sums', [
  'statHour',
  'taskType',
  'workflowName',
  'nodeId',
  'sourceType',
  'submitted',
  'completed',
  'failed',
  'cancelled',
  'fileBytes',
])
export class HourlyStatistic {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('datetime', { precision: 3 }) statHour: Date;
  @Column({ type: 'varchar', length: 64, collation: 'utf8mb4_bin' }) taskType: string;
  @Column({ type: 'varchar', length: 100, collation: 'utf8mb4_bin' }) workflowName: string;
  /** Empty where tasks are counted that had no node (yet): all that were submitted. */
  @Column({ type: 'varchar', length: 100, default: '', collation: 'utf8mb4_bin' }) nodeId: string;
  @Column({ type: 'varchar', length: 64, default: '', collation: 'utf8mb4_bin' }) sourceType: string;
  @Column('int', { default: 0 }) submitted: number;
  @Column('int', { default: 0 }) completed: number;
  @Column('int', { default: 0 }) failed: number;
  @Column('int', { default: 0 }) cancelled: number;
  @Column('bigint', { default: 0 }) waitMsTotal: string;
  @Column('bigint', { default: 0 }) runMsTotal: string;
  @Column('json', { nullable: true }) waitHistogram: unknown;
  @Column('json', { nullable: true }) runHistogram: unknown;
  @Column('bigint', { default: 0 }) fileBytes: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
