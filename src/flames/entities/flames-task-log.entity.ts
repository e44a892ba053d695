import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** One scored answer; unique, so that a retry cannot count it twice. */
@Entity('task_flames_logs')
@Index('uq_task_flames_logs_task_id_item_key_repeat_no', ['taskId', 'itemKey', 'repeatNo'], { unique: true })
@Index('ix_task_flames_logs_task_id_dimension_id', ['taskId', 'dimension', 'id'])
export class FlamesTaskLog {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 64 }) taskId: string;
  @Column('varchar', { length: 64 }) dimension: string;
  @Column('int', { nullable: true }) predicted: number | null;
  @Column('text', { nullable: true }) prompt: string | null;
  @Column('mediumtext', { nullable: true }) response: string | null;
  @CreatedAt() createdAt: Date;
  /** Null on rows of old installations. */
  @Column('varchar', { length: 128, nullable: true }) itemKey: string | null;
  @Column('int', { default: 0 }) repeatNo: number;
}
