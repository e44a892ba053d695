import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';
import { ClientUser } from './client-user.entity.js';

const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const;

/** A user's wish and the read model of its execution; only the relay writes the status columns. */
@Entity('client_tasks')
@Index('uq_client_tasks_task_id', ['taskId'], { unique: true })
@Index('ix_client_tasks_client_id_created_at_id', ['clientId', 'createdAt', 'id'])
@Index('ix_client_tasks_client_id_status_created_at', ['clientId', 'status', 'createdAt'])
@Index('ix_client_tasks_client_id_batch_id', ['clientId', 'batchId'])
@Index('ix_client_tasks_status', ['status'])
export class ClientTask {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) taskId: string;
  @ForeignKey(() => ClientUser, 'clientId', { name: 'fk_client_tasks_client_id', onDelete: 'RESTRICT' })
  @Column('varchar', { length: 36 })
  clientId: string;
  @Column('enum', { enum: TASK_TYPES }) taskType: (typeof TASK_TYPES)[number];
  @Column('varchar', { length: 100 }) workflowName: string;
  /** The published version that the task runs. */
  @Column('int', { nullable: true }) workflowVersion: number | null;
  @Column('text', { nullable: true }) prompt: string | null;
  @Column('text', { nullable: true }) negativePrompt: string | null;
  @Column('enum', { enum: STATUSES, default: 'queued' }) status: (typeof STATUSES)[number];
  /** Grows by reload; written by this database alone (I1). */
  @Column('int', { default: 1 }) runNo: number;
  /** The run whose cancel was wished; written by this database alone (I1). */
  @Column('int', { default: 0 }) cancelRun: number;
  /** Of the last state that the relay brought. */
  @Column('int', { default: 0 }) stateVersion: number;
  @Column('int', { default: 0 }) attemptCount: number;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) progress: string;
  @Column('text', { nullable: true }) message: string | null;
  @Column('varchar', { length: 64, nullable: true }) errorCode: string | null;
  @Column('text', { nullable: true }) errorMessage: string | null;
  /** Seconds. */
  @Column('int', { nullable: true }) estimatedTime: number | null;
  /** Seconds. */
  @Column('int', { nullable: true }) actualTime: number | null;
  @Column('datetime', { precision: 3, nullable: true }) startedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) completedAt: Date | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  /** The checkpoint. */
  @Column('varchar', { length: 200, nullable: true }) modelName: string | null;
  @Column('int', { nullable: true }) width: number | null;
  @Column('int', { nullable: true }) height: number | null;
  @Column('int', { nullable: true }) steps: number | null;
  @Column('decimal', { precision: 4, scale: 2, nullable: true }) cfgScale: string | null;
  @Column('varchar', { length: 64, nullable: true }) sampler: string | null;
  @Column('varchar', { length: 64, nullable: true }) scheduler: string | null;
  @Column('bigint', { nullable: true }) seed: string | null;
  @Column('int', { default: 1 }) batchSize: number;
  /** Shared by tasks that were submitted together. */
  @Column('varchar', { length: 64, nullable: true }) batchId: string | null;
}
