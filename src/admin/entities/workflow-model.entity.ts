import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { Model } from './model.entity.js';
import { WorkflowTemplate } from './workflow-template.entity.js';

/** Which models a template may name. */
@Entity('workflow_models')
@Index('uq_workflow_models_workflow_id_model_id', ['workflowId', 'modelId'], { unique: true })
@Index('ix_workflow_models_model_id', ['modelId'])
export class WorkflowModel {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => WorkflowTemplate, 'id', { name: 'fk_workflow_models_workflow_id', onDelete: 'CASCADE' })
  @Column('bigint')
  workflowId: string;
  @ForeignKey(() => Model, 'id', { name: 'fk_workflow_models_model_id', onDelete: 'CASCADE' })
  @Column('bigint')
  modelId: string;
  @Column('boolean', { default: false }) isDefault: boolean;
  @CreatedAt() createdAt: Date;
}
