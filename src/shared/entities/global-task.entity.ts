import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const SOURCE_TYPES = ['client', 'admin'] as const;
const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const;

/** The queue, and the truth about every execution. */
@Entity('global_tasks')
@Index('uq_global_tasks_task_id', ['taskId'], { unique: true })
@Index('ix_global_tasks_queue_head', ['status', 'sourceUserId', 'requirementKey', 'priority', 'queuedAt', 'id'])
@Index('ix_global_tasks_kind', ['status', 'taskType', 'createdAt', 'id'])
@Index('ix_global_tasks_created_at', ['createdAt'])
@Index('ix_global_tasks_completed_at', ['completedAt'])
export class GlobalTask {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) taskId: string;
  @Column('enum', { enum: SOURCE_TYPES }) sourceType: (typeof SOURCE_TYPES)[number];
  @Column('varchar', { length: 36 }) sourceUserId: string;
  @Column('enum', { enum: TASK_TYPES }) taskType: (typeof TASK_TYPES)[number];
  @Column('varchar', { length: 100 }) workflowName: string;
  @Column('int', { default: 0 }) workflowVersion: number;
  /** Which nodes could run it: workflow@version and the model it names (I22). */
  @Column({ type: 'varchar', length: 191, default: '', collation: 'utf8mb4_bin' }) requirementKey: string;
  @Column('varchar', { length: 64, nullable: true }) batchId: string | null;
  @Column('text', { nullable: true }) prompt: string | null;
  @Column('text', { nullable: true }) negativePrompt: string | null;
  @Column('enum', { enum: STATUSES, default: 'queued' }) status: (typeof STATUSES)[number];
  @Column('int', { default: 1 }) priority: number;
  /** Copied from the owner of the wish (I1). */
  @Column('int', { default: 1 }) runNo: number;
  /** Copied from the owner of the wish (I1). */
  @Column('int', { default: 0 }) cancelRun: number;
  /** Grows with every transition of a run (I3). */
  @Column('int', { default: 0 }) stateVersion: number;
  @Column('int', { default: 0 }) attemptCount: number;
  /** Nodes that died while this prompt ran; two make it poison (I17). */
  @Column('int', { default: 0 }) nodeDeaths: number;
  @Column('json', { nullable: true }) excludedNodes: string[] | null;
  /** When the run came in: what age in the queue is counted from; a reload starts it anew. */
  @Column('datetime', { precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' }) queuedAt: Date;
  /** Not to be claimed before. */
  @Column('datetime', { precision: 3, nullable: true }) retryAt: Date | null;
  /** The only assignment that may requeue or settle the task (I10). */
  @Column('char', { length: 36, nullable: true }) currentAssignmentId: string | null;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) progress: string;
  @Column('text', { nullable: true }) message: string | null;
  @Column('varchar', { length: 64, nullable: true }) errorCode: string | null;
  @Column('text', { nullable: true }) errorMessage: string | null;
  /** Unused; old rows hold it. */
  @Column('varchar', { length: 36, nullable: true }) celeryTaskId: string | null;
  @Column('varchar', { length: 100, nullable: true }) nodeId: string | null;
  /** Seconds. */
  @Column('int', { nullable: true }) estimatedTime: number | null;
  /** Seconds. */
  @Column('int', { nullable: true }) actualTime: number | null;
  @Column('datetime', { precision: 3, nullable: true }) startedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) completedAt: Date | null;
  /** The owner deleted its row; it is not brought back (I5). */
  @Column('datetime', { precision: 3, nullable: true }) forgottenAt: Date | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  @Column('varchar', { length: 200, nullable: true }) modelName: string | null;
  @Column('int', { nullable: true }) width: number | null;
  @Column('int', { nullable: true }) height: number | null;
  @Column('int', { nullable: true }) steps: number | null;
  @Column('decimal', { precision: 4, scale: 2, nullable: true }) cfgScale: string | null;
  @Column('varchar', { length: 64, nullable: true }) sampler: string | null;
  @Column('varchar', { length: 64, nullable: true }) scheduler: string | null;
  @Column('bigint', { nullable: true }) seed: string | null;
  @Column('int', { default: 1 }) batchSize: number;
  /** Where an admin took it back from: it goes elsewhere, while there is an elsewhere. */
  @Column('varchar', { length: 100, nullable: true }) avoidedNodeId: string | null;
}
