import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

const STATES = ['active', 'deleting'] as const;

/** Stored content by its hash; deleted only when unreferenced and unpinned (I19). */
@Entity('blobs')
@Index('ix_blobs_state_pinned_until', ['state', 'pinnedUntil'])
export class Blob {
  @PrimaryColumn('char', { length: 64 }) hash: string;
  @Column('bigint', { default: 0 }) sizeBytes: string;
  @Column('varchar', { length: 100, nullable: true }) mimeType: string | null;
  @Column('enum', { enum: STATES, default: 'active' }) state: (typeof STATES)[number];
  @Column('datetime', { precision: 3 }) pinnedUntil: Date;
  @Column('datetime', { precision: 3, nullable: true }) storedAt: Date | null;
  @CreatedAt() createdAt: Date;
}
