import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

const STATES = ['in_flight', 'done'] as const;

/** The answer that a repeated request gets again (I18). */
@Entity('idempotency_keys')
@Index('uq_idempotency_keys_client_id_route_idempotency_key', ['clientId', 'route', 'idempotencyKey'], { unique: true })
@Index('ix_idempotency_keys_expires_at', ['expiresAt'])
export class IdempotencyKey {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) clientId: string;
  @Column('varchar', { length: 100 }) route: string;
  @Column('varchar', { length: 200 }) idempotencyKey: string;
  @Column('char', { length: 64 }) bodyHash: string;
  @Column('enum', { enum: STATES }) state: (typeof STATES)[number];
  @Column('int', { nullable: true }) statusCode: number | null;
  @Column('json', { nullable: true }) answer: unknown;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3 }) expiresAt: Date;
}
