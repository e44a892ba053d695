import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** The metrics of a finished evaluation, and what scored it. */
@Entity('flames_results')
export class FlamesResult {
  @PrimaryColumn('varchar', { length: 64 }) taskId: string;
  @Column('json', { nullable: true }) metrics: unknown;
  @Column('varchar', { length: 100, nullable: true }) scorer: string | null;
  @Column('varchar', { length: 100, nullable: true }) revision: string | null;
  @CreatedAt() createdAt: Date;
}
