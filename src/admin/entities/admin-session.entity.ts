import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { AdminUser } from './admin-user.entity.js';

/** A sign-in: access tokens name it, and revoking it ends them. */
@Entity('sessions')
@Index('uq_sessions_session_id', ['sessionId'], { unique: true })
@Index('ix_sessions_admin_user_id', ['adminUserId'])
@Index('ix_sessions_expires_at', ['expiresAt'])
export class AdminSession {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 36 }) sessionId: string;
  @ForeignKey(() => AdminUser, 'id', { name: 'fk_sessions_admin_user_id', onDelete: 'CASCADE' })
  @Column('bigint')
  adminUserId: string;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3 }) expiresAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) revokedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) lastSeenAt: Date | null;
}
