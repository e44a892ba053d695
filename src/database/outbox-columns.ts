import { Column, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from './entity-columns.js';

/** What every outbox holds: a change that a relay carries elsewhere, at least once, in order per aggregate (I6). */
@Index('uq_outbox_event_id', ['eventId'], { unique: true })
@Index('ix_outbox_published_at_parked_at_id', ['publishedAt', 'parkedAt', 'id'])
@Index('ix_outbox_aggregate_id_parked_at', ['aggregateId', 'parkedAt'])
export abstract class OutboxColumns {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 36 }) eventId: string;
  @Column('varchar', { length: 64 }) topic: string;
  @Column('varchar', { length: 100 }) aggregateId: string;
  @Column('int', { default: 0 }) runNo: number;
  @Column('int', { default: 0 }) stateVersion: number;
  @Column('json') payload: unknown;
  @CreatedAt() createdAt: Date;
  @Column('datetime', { precision: 3, nullable: true }) publishedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) parkedAt: Date | null;
  @Column('text', { nullable: true }) error: string | null;
}
