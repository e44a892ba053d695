import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { ClientSession } from './client-session.entity.js';

/** A rotating refresh token: used once; using it again betrays a theft. */
@Entity('refresh_tokens')
@Index('uq_refresh_tokens_token_hash', ['tokenHash'], { unique: true })
@Index('ix_refresh_tokens_session_id', ['sessionId'])
@Index('ix_refresh_tokens_client_id', ['clientId'])
@Index('ix_refresh_tokens_expires_at', ['expiresAt'])
export class RefreshToken {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 64 }) tokenHash: string;
  @ForeignKey(() => ClientSession, 'sessionId', { name: 'fk_refresh_tokens_session_id', onDelete: 'CASCADE' })
  @Column('char', { length: 36 })
  sessionId: string;
  @Column('varchar', { length: 36 }) clientId: string;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3 }) expiresAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) usedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) revokedAt: Date | null;
}
