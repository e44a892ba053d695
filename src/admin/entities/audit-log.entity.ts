import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** What an admin changed, before and after; append only. */
@Entity('audit_logs')
@Index('ix_audit_logs_actor', ['actor'])
@Index('ix_audit_logs_created_at', ['createdAt'])
@Index('ix_audit_logs_target_type_target_id', ['targetType', 'targetId'])
@Index('ix_audit_logs_action_created_at', ['action', 'createdAt'])
export class AuditLog {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('bigint', { nullable: true }) adminUserId: string | null;
  @Column('varchar', { length: 100 }) actor: string;
  @Column('varchar', { length: 100 }) action: string;
  @Column('varchar', { length: 64, nullable: true }) targetType: string | null;
  @Column('varchar', { length: 100, nullable: true }) targetId: string | null;
  @Column('json', { nullable: true }) beforeState: unknown;
  @Column('json', { nullable: true }) afterState: unknown;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  @Column('varchar', { length: 64, nullable: true }) requestId: string | null;
  @CreatedAt() createdAt: Date;
}
