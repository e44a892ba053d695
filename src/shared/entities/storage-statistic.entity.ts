import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** What the store held when it was last looked at on a day; past days cannot be counted anew. */
@Entity('storage_statistics')
export class StorageStatistic {
  @PrimaryColumn({ type: 'date', utc: true }) statDate: string;
  @Column('bigint', { default: 0 }) storedFiles: string;
  @Column('bigint', { default: 0 }) storedBytes: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
