import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';
import { WorkflowTemplate } from './workflow-template.entity.js';

const PARAMETER_TYPES = ['string', 'int', 'float', 'boolean', 'select', 'file'] as const;

/** One input of a template, as forms show it. */
@Entity('workflow_parameters')
@Index('ix_workflow_parameters_workflow_id_sort_order', ['workflowId', 'sortOrder'])
@Index('ix_workflow_parameters_parameter_name', ['parameterName'])
export class WorkflowParameter {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => WorkflowTemplate, 'id', { name: 'fk_workflow_parameters_workflow_id', onDelete: 'CASCADE' })
  @Column('bigint')
  workflowId: string;
  @Column('varchar', { length: 100 }) parameterName: string;
  @Column('enum', { enum: PARAMETER_TYPES }) parameterType: (typeof PARAMETER_TYPES)[number];
  @Column('text', { nullable: true }) defaultValue: string | null;
  @Column('decimal', { precision: 20, scale: 6, nullable: true }) minValue: string | null;
  @Column('decimal', { precision: 20, scale: 6, nullable: true }) maxValue: string | null;
  @Column('json', { nullable: true }) options: unknown;
  @Column('boolean', { default: false }) isRequired: boolean;
  @Column('varchar', { length: 200, nullable: true }) displayName: string | null;
  @Column('text', { nullable: true }) description: string | null;
  /** A node of the graph, not of the fleet. */
  @Column('varchar', { length: 64, nullable: true }) nodeId: string | null;
  @Column('varchar', { length: 200, nullable: true }) fieldPath: string | null;
  @Column('int', { default: 0 }) sortOrder: number;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
