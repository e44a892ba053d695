import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** A set of prompts in a fixed revision. */
@Entity('flames_datasets')
@Index('uq_flames_datasets_name', ['name'], { unique: true })
@Index('uq_flames_datasets_number', ['number'], { unique: true })
export class FlamesDataset {
  @PrimaryGeneratedColumn({ type: 'int' }) id: number;
  @Column('varchar', { length: 200 }) name: string;
  @Column('varchar', { length: 64, nullable: true }) revision: string | null;
  @Column('int', { nullable: true }) itemCount: number | null;
  /** SHA-256 of the file's bytes. */
  @Column('char', { length: 64, nullable: true }) contentHash: string | null;
  @CreatedAt() createdAt: Date;
  /** The `dataset_id` by which everybody calls it: 10, 20, … */
  @Column('int') number: number;
  /** The file that it came from. */
  @Column('varchar', { length: 255, nullable: true }) sourceName: string | null;
  /** Lines of that file which were left out. */
  @Column('int', { default: 0 }) badLines: number;
}
