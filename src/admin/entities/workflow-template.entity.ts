import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';
import { AdminUser } from './admin-user.entity.js';

const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;

/** A workflow as admins edit it; tasks run its published snapshots. */
@Entity('workflow_templates')
@Index('uq_workflow_templates_name', ['name'], { unique: true })
@Index('ix_workflow_templates_task_type_is_enabled', ['taskType', 'isEnabled'])
@Index('ix_workflow_templates_created_by', ['createdBy'])
export class WorkflowTemplate {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 100 }) name: string;
  @Column('varchar', { length: 200, nullable: true }) displayName: string | null;
  @Column('enum', { enum: TASK_TYPES }) taskType: (typeof TASK_TYPES)[number];
  @Column('varchar', { length: 64, default: '1.0' }) version: string;
  /** Number of the last snapshot; 0: never published. */
  @Column('int', { default: 0 }) publishedVersion: number;
  @Column('char', { length: 64, nullable: true }) contentHash: string | null;
  @Column('text', { nullable: true }) description: string | null;
  @Column('varchar', { length: 500 }) workflowFile: string;
  /** The draft: graph and parameters. */
  @Column('json', { nullable: true }) configData: unknown;
  @Column('boolean', { default: true }) isEnabled: boolean;
  @Column('boolean', { default: false }) isDefault: boolean;
  @Column('int', { default: 4 }) maxConcurrentTasks: number;
  /** Seconds. */
  @Column('int', { default: 60 }) estimatedTime: number;
  @Column('int', { default: 0 }) usageCount: number;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) successRate: string;
  @ForeignKey(() => AdminUser, 'id', { name: 'fk_workflow_templates_created_by', onDelete: 'SET NULL' })
  @Column('bigint', { nullable: true })
  createdBy: string | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  /** Of the draft: raised by each change. */
  @Column('int', { default: 1 }) revision: number;
  /** Who changed the draft last; null while it is as its file was imported. */
  @Column('varchar', { length: 100, nullable: true }) editedBy: string | null;
  /** What was published last. */
  @Column('json', { nullable: true }) publishedData: unknown;
}
