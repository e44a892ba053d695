import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const STATUSES = ['pending', 'started', 'retry', 'failure', 'success'] as const;

/** Unused; rows of old installations are kept in it. */
@Entity('task_queue_status')
@Index('uq_task_queue_status_task_id', ['taskId'], { unique: true })
@Index('ix_task_queue_status_queue_name_status', ['queueName', 'status'])
export class TaskQueueStatus {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) taskId: string;
  @Column('varchar', { length: 100 }) queueName: string;
  @Column('enum', { enum: STATUSES }) status: (typeof STATUSES)[number];
  @Column('text', { nullable: true }) result: string | null;
  @Column('text', { nullable: true }) traceback: string | null;
  @Column('varchar', { length: 100, nullable: true }) worker: string | null;
  @Column('int', { default: 0 }) retries: number;
  @Column('datetime', { precision: 3, nullable: true }) eta: Date | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
