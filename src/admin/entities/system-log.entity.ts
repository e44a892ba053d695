import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;

/** One log line; partitioned by the day on which it expires. */
@Entity('system_logs')
@Index('ix_system_logs_level_created_at', ['level', 'createdAt'])
@Index('ix_system_logs_module_created_at', ['module', 'createdAt'])
@Index('ix_system_logs_task_id', ['taskId'])
@Index('ix_system_logs_created_at', ['createdAt'])
@Index('ix_system_logs_node_id_created_at', ['nodeId', 'createdAt'])
export class SystemLog {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('enum', { enum: LEVELS }) level: (typeof LEVELS)[number];
  @Column('varchar', { length: 100, nullable: true }) module: string | null;
  @Column('text') message: string;
  @Column('json', { nullable: true }) details: unknown;
  @Column('bigint', { nullable: true }) adminUserId: string | null;
  @Column('varchar', { length: 36, nullable: true }) taskId: string | null;
  @Column('bigint', { nullable: true }) nodeId: string | null;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  @CreatedAt() createdAt: Date;
  /** Creation plus the days of its level: one rule drops old partitions of every level. */
  @PrimaryColumn({ type: 'date', utc: true }) expireOn: string;
}
