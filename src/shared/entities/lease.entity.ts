import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { UpdatedAt } from '../../database/index.js';

/** Who may do a thing now; taken over when it stands still (I8, I9). */
@Entity('leases')
@Index('ix_leases_owner', ['owner'])
export class Lease {
  @PrimaryColumn('varchar', { length: 100 }) name: string;
  @Column('char', { length: 36, nullable: true }) owner: string | null;
  /** Grows at each change of owner. */
  @Column('bigint', { default: 0 }) token: string;
  @Column('bigint', { default: 0 }) renewals: string;
  @UpdatedAt() updatedAt: Date;
}
