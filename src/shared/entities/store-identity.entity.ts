import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** The one row that pairs this database with the store's marker file (I20). */
@Entity('store_identity')
export class StoreIdentity {
  @PrimaryColumn('int') id: number;
  @Column('char', { length: 36 }) installationId: string;
  @CreatedAt() createdAt: Date;
}
