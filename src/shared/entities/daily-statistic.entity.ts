import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** The hours of a day added up, for ranges of months. */
@Entity('daily_statistics')
@Index('uq_daily_statistics_date_and_group', ['statDate', 'taskType', 'workflowName', 'nodeId', 'sourceType'], {
  unique: true,
})
export class DailyStatistic {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column({ type: 'date', utc: true }) statDate: string;
  @Column({ type: 'varchar', length: 64, collation: 'utf8mb4_bin' }) taskType: string;
  @Column({ type: 'varchar', length: 100, collation: 'utf8mb4_bin' }) workflowName: string;
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
