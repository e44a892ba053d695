import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** An account of the client page, and its quota of today. */
@Entity('client_users')
@Index('uq_client_users_client_id', ['clientId'], { unique: true })
@Index('uq_client_users_username', ['username'], { unique: true })
@Index('uq_client_users_session_token', ['sessionToken'], { unique: true })
@Index('ix_client_users_ip_address', ['ipAddress'])
export class ClientUser {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) clientId: string;
  @Column('varchar', { length: 64, nullable: true }) username: string | null;
  @Column('varchar', { length: 255, nullable: true }) passwordHash: string | null;
  @Column('varchar', { length: 64, nullable: true }) sessionToken: string | null;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  @Column('varchar', { length: 100, nullable: true }) nickname: string | null;
  @Column('int', { default: 50 }) quotaLimit: number;
  @Column('int', { default: 0 }) quotaUsed: number;
  /** The day that `quota_used` counts. */
  @Column({ type: 'date', utc: true, nullable: true }) quotaResetDate: string | null;
  @Column('boolean', { default: true }) isActive: boolean;
  @Column('varchar', { length: 64, default: 'UTC' }) timeZone: string;
  @Column('varchar', { length: 500, nullable: true }) webhookUrl: string | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) lastAccessAt: Date | null;
  /** Signs webhooks; sealed by SecretBox. */
  @Column('varchar', { length: 255, nullable: true }) webhookSecret: string | null;
}
