import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { ClientUser } from './client-user.entity.js';

/** A sign-in: access tokens name it, and revoking it ends them. */
@Entity('client_sessions')
@Index('uq_client_sessions_session_id', ['sessionId'], { unique: true })
@Index('ix_client_sessions_client_id', ['clientId'])
@Index('ix_client_sessions_expires_at', ['expiresAt'])
export class ClientSession {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 36 }) sessionId: string;
  @ForeignKey(() => ClientUser, 'clientId', { name: 'fk_client_sessions_client_id', onDelete: 'CASCADE' })
  @Column('varchar', { length: 36 })
  clientId: string;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3 }) expiresAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) revokedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) lastSeenAt: Date | null;
}
