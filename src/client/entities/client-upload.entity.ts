import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { ClientUser } from './client-user.entity.js';

/** A file that a user sent. */
@Entity('client_uploads')
@Index('uq_client_uploads_upload_id', ['uploadId'], { unique: true })
@Index('uq_client_uploads_file_id', ['fileId'], { unique: true })
@Index('ix_client_uploads_client_id_created_at', ['clientId', 'createdAt'])
@Index('ix_client_uploads_file_hash', ['fileHash'])
export class ClientUpload {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36, nullable: true }) uploadId: string | null;
  @Column('varchar', { length: 36 }) fileId: string;
  @ForeignKey(() => ClientUser, 'clientId', { name: 'fk_client_uploads_client_id', onDelete: 'RESTRICT' })
  @Column('varchar', { length: 36 })
  clientId: string;
  @Column('varchar', { length: 255 }) originalName: string;
  @Column('varchar', { length: 255, default: '' }) fileName: string;
  @Column('varchar', { length: 500 }) filePath: string;
  /** Bytes. */
  @Column('bigint') fileSize: string;
  @Column('varchar', { length: 100 }) mimeType: string;
  @Column('char', { length: 64, nullable: true }) fileHash: string | null;
  @Column('varchar', { length: 64, default: 'image' }) uploadType: string;
  @Column('varchar', { length: 64, default: 'completed' }) status: string;
  @Column('int', { nullable: true }) width: number | null;
  @Column('int', { nullable: true }) height: number | null;
  @Column('boolean', { default: false }) isProcessed: boolean;
  @CreatedAt() createdAt: Date;
}
