import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { GlobalTask } from './global-task.entity.js';

const RESULT_TYPES = ['image', 'video', 'json', 'file', 'audio', 'text'] as const;

/** One output of a run (I16). */
@Entity('global_task_results')
@Index('uq_global_task_results_task_id_run_no_output_index', ['taskId', 'runNo', 'outputIndex'], { unique: true })
@Index('ix_global_task_results_file_id', ['fileId'])
@Index('ix_global_task_results_file_hash', ['fileHash'])
export class GlobalTaskResult {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => GlobalTask, 'id', { name: 'fk_global_task_results_task_id', onDelete: 'CASCADE' })
  @Column('bigint')
  taskId: string;
  @Column('int', { default: 1 }) runNo: number;
  @Column('int', { default: 0 }) outputIndex: number;
  @Column('enum', { enum: RESULT_TYPES }) resultType: (typeof RESULT_TYPES)[number];
  @Column('varchar', { length: 36, nullable: true }) fileId: string | null;
  @Column('char', { length: 64, nullable: true }) fileHash: string | null;
  @Column('varchar', { length: 64, default: 'active' }) status: string;
  @Column('varchar', { length: 500, nullable: true }) filePath: string | null;
  @Column('varchar', { length: 255, nullable: true }) fileName: string | null;
  /** Bytes. */
  @Column('bigint', { nullable: true }) fileSize: string | null;
  @Column('varchar', { length: 100, nullable: true }) mimeType: string | null;
  @Column('int', { nullable: true }) width: number | null;
  @Column('int', { nullable: true }) height: number | null;
  /** Seconds. */
  @Column('decimal', { precision: 10, scale: 2, nullable: true }) duration: string | null;
  @Column('varchar', { length: 500, nullable: true }) thumbnailPath: string | null;
  @Column('int', { default: 0 }) downloadCount: number;
  @CreatedAt() createdAt: Date;
  @Column('json', { nullable: true }) resultMetadata: unknown;
}
