import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

const KINDS = ['charge', 'refund'] as const;

/** Every charge and refund, once (I18). */
@Entity('quota_ledger')
@Index('uq_quota_ledger_task_id_run_no_kind', ['taskId', 'runNo', 'kind'], { unique: true })
@Index('ix_quota_ledger_client_id_quota_day', ['clientId', 'quotaDay'])
export class QuotaLedgerEntry {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36 }) clientId: string;
  @Column('varchar', { length: 36 }) taskId: string;
  @Column('int') runNo: number;
  @Column('enum', { enum: KINDS }) kind: (typeof KINDS)[number];
  @Column('int', { default: 1 }) amount: number;
  /** The user's day that was charged. */
  @Column({ type: 'date', utc: true }) quotaDay: string;
  @CreatedAt() createdAt: Date;
}
