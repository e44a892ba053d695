import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const MODEL_TYPES = ['checkpoint', 'lora', 'vae', 'controlnet', 'embedding'] as const;

/** A model file that workflows may use. */
@Entity('models')
@Index('ix_models_name', ['name'])
@Index('ix_models_model_type_is_enabled', ['modelType', 'isEnabled'])
@Index('ix_models_file_hash', ['fileHash'])
export class Model {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 200 }) name: string;
  @Column('varchar', { length: 300, nullable: true }) displayName: string | null;
  @Column('enum', { enum: MODEL_TYPES }) modelType: (typeof MODEL_TYPES)[number];
  @Column('varchar', { length: 500 }) filePath: string;
  /** Bytes. */
  @Column('bigint', { nullable: true }) fileSize: string | null;
  @Column('char', { length: 64, nullable: true }) fileHash: string | null;
  @Column('varchar', { length: 64, nullable: true }) version: string | null;
  @Column('text', { nullable: true }) description: string | null;
  @Column('json', { nullable: true }) tags: unknown;
  @Column('varchar', { length: 100, nullable: true }) baseModel: string | null;
  @Column('varchar', { length: 64, nullable: true }) resolution: string | null;
  @Column('boolean', { default: true }) isEnabled: boolean;
  @Column('int', { default: 0 }) downloadCount: number;
  @Column('int', { default: 0 }) usageCount: number;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  @Column('int', { default: 1 }) revision: number;
}
