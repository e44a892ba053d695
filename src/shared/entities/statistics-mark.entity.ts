import { Column, Entity, PrimaryColumn } from 'typeorm';
import { UpdatedAt } from '../../database/index.js';

/** How far statistics are: the end of the last counted hour, the highest counted task, since when all rows are there. */
@Entity('statistics_marks')
export class StatisticsMark {
  @PrimaryColumn('varchar', { length: 64 }) name: string;
  @Column('bigint') value: string;
  @UpdatedAt() updatedAt: Date;
}
