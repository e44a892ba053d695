import { Column, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** Counts and mergeable histograms of one group of tasks, over whatever time a table adds them up. */
export abstract class GroupStatistic {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
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
