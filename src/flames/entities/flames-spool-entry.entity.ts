import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** A log row that could not be written at once. */
@Entity('flames_spool')
@Index('ix_flames_spool_drained_at_id', ['drainedAt', 'id'])
@Index('ix_flames_spool_task_id', ['taskId'])
export class FlamesSpoolEntry {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 64 }) taskId: string;
  @Column('json') payload: unknown;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) drainedAt: Date | null;
}
