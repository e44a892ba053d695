import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const ROLES = ['super_admin', 'admin', 'operator', 'viewer'] as const;
const STATUSES = ['active', 'inactive', 'locked'] as const;

/** Somebody who runs the installation. */
@Entity('admin_users')
@Index('uq_admin_users_username', ['username'], { unique: true })
@Index('uq_admin_users_email', ['email'], { unique: true })
@Index('ix_admin_users_role', ['role'])
export class AdminUser {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 64 }) username: string;
  @Column('varchar', { length: 100 }) email: string;
  @Column('varchar', { length: 255 }) passwordHash: string;
  @Column('varchar', { length: 100, nullable: true }) displayName: string | null;
  @Column('enum', { enum: ROLES, default: 'viewer' }) role: (typeof ROLES)[number];
  @Column('enum', { enum: STATUSES, default: 'active' }) status: (typeof STATUSES)[number];
  @Column('json', { nullable: true }) permissions: unknown;
  @Column('varchar', { length: 64, nullable: true }) lastLoginIp: string | null;
  @Column('int', { default: 0 }) loginCount: number;
  @Column('int', { default: 0 }) failedLogins: number;
  @Column('datetime', { precision: 3, nullable: true }) lockedUntil: Date | null;
  /** Sealed; it counts once it is confirmed by a first code. */
  @Column('varchar', { length: 255, nullable: true }) totpSecret: string | null;
  @Column('datetime', { precision: 3, nullable: true }) totpConfirmedAt: Date | null;
  /** The time step of the last code that was used: no code is taken twice. */
  @Column('bigint', { nullable: true }) totpLastStep: string | null;
  /** Grows with each change by an admin: of two who edit at once, the second is told. */
  @Column('int', { default: 0 }) version: number;
  @Column('varchar', { length: 64, default: 'UTC' }) timeZone: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) lastLoginAt: Date | null;
}
