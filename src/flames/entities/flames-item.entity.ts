import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { FlamesDataset } from './flames-dataset.entity.js';

/** One prompt of a dataset. */
@Entity('flames_items')
@Index('uq_flames_items_dataset_id_item_key', ['datasetId', 'itemKey'], { unique: true })
export class FlamesItem {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => FlamesDataset, 'id', { name: 'fk_flames_items_dataset_id', onDelete: 'CASCADE' })
  @Column('int')
  datasetId: number;
  @Column('varchar', { length: 128 }) itemKey: string;
  @Column('varchar', { length: 64 }) dimension: string;
  @Column('varchar', { length: 128, nullable: true }) subcomponent: string | null;
  @Column('text') prompt: string;
}
