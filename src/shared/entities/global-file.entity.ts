import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const SOURCE_TYPES = ['client', 'admin', 'system'] as const;
const FILE_TYPES = ['image', 'video', 'audio', 'document', 'other'] as const;

/** A stored file; several may share one blob. */
@Entity('global_files')
@Index('uq_global_files_file_id', ['fileId'], { unique: true })
@Index('ix_global_files_file_hash', ['fileHash'])
@Index('ix_global_files_source_user_id_created_at', ['sourceUserId', 'createdAt'])
@Index('ix_global_files_created_at', ['createdAt'])
@Index('ix_global_files_file_type', ['fileType'])
@Index('ix_global_files_is_temporary_expires_at', ['isTemporary', 'expiresAt'])
export class GlobalFile {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) fileId: string;
  @Column('enum', { enum: SOURCE_TYPES }) sourceType: (typeof SOURCE_TYPES)[number];
  @Column('varchar', { length: 36, nullable: true }) sourceUserId: string | null;
  @Column('varchar', { length: 255 }) originalName: string;
  @Column('varchar', { length: 255 }) fileName: string;
  @Column('varchar', { length: 500 }) filePath: string;
  /** Bytes. */
  @Column('bigint') fileSize: string;
  @Column('varchar', { length: 100 }) mimeType: string;
  @Column('char', { length: 64, nullable: true }) fileHash: string | null;
  @Column('enum', { enum: FILE_TYPES }) fileType: (typeof FILE_TYPES)[number];
  @Column('int', { nullable: true }) width: number | null;
  @Column('int', { nullable: true }) height: number | null;
  /** Seconds. */
  @Column('decimal', { precision: 10, scale: 2, nullable: true }) duration: string | null;
  @Column('json', { nullable: true }) fileMetadata: unknown;
  @Column('boolean', { default: false }) isPublic: boolean;
  @Column('boolean', { default: false }) isTemporary: boolean;
  @Column('datetime', { precision: 3, nullable: true }) expiresAt: Date | null;
  @Column('int', { default: 0 }) downloadCount: number;
  @Column('varchar', { length: 64, default: 'active' }) status: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
