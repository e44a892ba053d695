import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A published snapshot of a template, immutable (I21). */
@Entity('workflow_versions')
@Index('uq_workflow_versions_workflow_name_version', ['workflowName', 'version'], { unique: true })
export class WorkflowVersion {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 100 }) workflowName: string;
  @Column('int') version: number;
  @Column('char', { length: 64 }) contentHash: string;
  @Column('json') definition: unknown;
  @Column('datetime', { precision: 3 }) publishedAt: Date;
}
