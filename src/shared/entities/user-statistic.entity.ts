import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** What a user did on a day. */
@Entity('user_statistics')
@Index('uq_user_statistics_date_and_user', ['statDate', 'sourceType', 'sourceUserId'], { unique: true })
export class UserStatistic {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column({ type: 'date', utc: true }) statDate: string;
  @Column({ type: 'varchar', length: 64, collation: 'utf8mb4_bin' }) sourceType: string;
  @Column({ type: 'varchar', length: 64, collation: 'utf8mb4_bin' }) sourceUserId: string;
  @Column('int', { default: 0 }) submitted: number;
  @Column('int', { default: 0 }) completed: number;
  @Column('int', { default: 0 }) failed: number;
  @Column('int', { default: 0 }) cancelled: number;
  /** Of all its tasks that started, however they ended. */
  @Column('bigint', { default: 0 }) runMsTotal: string;
  @Column('bigint', { default: 0 }) fileBytes: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
