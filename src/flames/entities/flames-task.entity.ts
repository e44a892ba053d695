import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** One evaluation of a model by a dataset. */
@Entity('task_flames')
export class FlamesTask {
  @PrimaryColumn('varchar', { length: 64 }) taskId: string;
  @Column('varchar', { length: 255, nullable: true }) modelName: string | null;
  @Column('varchar', { length: 64, nullable: true }) status: string | null;
  @Column('int', { nullable: true }) datasetId: number | null;
  @Column('datetime', { precision: 3, nullable: true }) submitTime: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) endTime: Date | null;
  @Column('json', { nullable: true }) result: unknown;
  @Column('json', { nullable: true }) config: unknown;
  @Column('varchar', { length: 64, nullable: true }) errorCode: string | null;
  @Column('text', { nullable: true }) errorMessage: string | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
