import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** A smaller or playable form of stored content, itself stored content; it goes with its source. */
@Entity('blob_renditions')
@Index('ix_blob_renditions_file_hash', ['fileHash'])
export class BlobRendition {
  @PrimaryColumn('char', { length: 64 }) sourceHash: string;
  @PrimaryColumn('varchar', { length: 64 }) variant: string;
  @Column('char', { length: 64 }) fileHash: string;
  @Column('varchar', { length: 100 }) mimeType: string;
  @CreatedAt() createdAt: Date;
}
