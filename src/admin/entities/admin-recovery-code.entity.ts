import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { AdminUser } from './admin-user.entity.js';

/** A code that stands in once for the second factor; only its hash is kept. */
@Entity('admin_recovery_codes')
@Index('uq_admin_recovery_codes_admin_user_id_code_hash', ['adminUserId', 'codeHash'], { unique: true })
export class AdminRecoveryCode {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => AdminUser, 'id', { name: 'fk_admin_recovery_codes_admin_user_id', onDelete: 'CASCADE' })
  @Column('bigint')
  adminUserId: string;
  @Column('char', { length: 64 }) codeHash: string;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) usedAt: Date | null;
}
