import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** A set of prompts in a fixed revision. */
@Entity('flames_datasets')
@Index('uq_flames_datasets_name', ['name'], { unique: true })
export class FlamesDataset {
  @PrimaryGeneratedColumn({ type: 'int' }) id: number;
  @Column('varchar', { length: 200 }) name: string;
  @Column('varchar', { length: 64, nullable: true }) revision: string | null;
  @Column('int', { nullable: true }) itemCount: number | null;
  @Column('char', { length: 64, nullable: true }) contentHash: string | null;
  @CreatedAt() createdAt: Date;
}
