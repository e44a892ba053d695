import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { ClientUser } from './client-user.entity.js';

/** A key for scripts; only its hash is kept. */
@Entity('api_keys')
@Index('uq_api_keys_key_id', ['keyId'], { unique: true })
@Index('uq_api_keys_key_hash', ['keyHash'], { unique: true })
@Index('ix_api_keys_client_id', ['clientId'])
export class ApiKey {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 36 }) keyId: string;
  @ForeignKey(() => ClientUser, 'clientId', { name: 'fk_api_keys_client_id', onDelete: 'CASCADE' })
  @Column('varchar', { length: 36 })
  clientId: string;
  @Column('varchar', { length: 100 }) name: string;
  @Column('char', { length: 64 }) keyHash: string;
  /** What lists show of the key. */
  @Column('varchar', { length: 64 }) keyPrefix: string;
  @Column('json') scopes: string[];
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) lastUsedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) expiresAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) revokedAt: Date | null;
}
