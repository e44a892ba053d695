import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What one clean-up of old logs removed. */
@Entity('flames_retention_runs')
export class FlamesRetentionRun {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('datetime', { precision: 3 }) startedAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) endedAt: Date | null;
  @Column('int', { default: 0 }) tasks: number;
  @Column('bigint', { default: 0 }) rowsRemoved: string;
  /** Tasks completed before this moment were cleaned. */
  @Column('datetime', { precision: 3 }) olderThan: Date;
}
