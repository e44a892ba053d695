import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** The totals of a day. */
@Entity('system_statistics')
@Index('uq_system_statistics_stat_date', ['statDate'], { unique: true })
export class SystemStatistic {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column({ type: 'date', utc: true }) statDate: string;
  @Column('int', { default: 0 }) totalTasks: number;
  @Column('int', { default: 0 }) completedTasks: number;
  @Column('int', { default: 0 }) failedTasks: number;
  @Column('int', { default: 0 }) clientTasks: number;
  @Column('int', { default: 0 }) adminTasks: number;
  @Column('int', { default: 0 }) textToImageTasks: number;
  @Column('int', { default: 0 }) imageToVideoTasks: number;
  /** Seconds. */
  @Column('bigint', { default: 0 }) totalProcessingTime: string;
  /** Seconds. */
  @Column('decimal', { precision: 10, scale: 2, default: 0 }) averageProcessingTime: string;
  @Column('int', { default: 0 }) activeNodes: number;
  /** Bytes. */
  @Column('bigint', { default: 0 }) totalFileSize: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
