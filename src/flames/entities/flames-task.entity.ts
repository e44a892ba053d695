import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

/** One evaluation of a model by a dataset. */
@Entity('task_flames')
@Index('ix_task_flames_status_submit_time', ['status', 'submitTime'])
export class FlamesTask {
  @PrimaryColumn('varchar', { length: 64 }) taskId: string;
  @Column('varchar', { length: 255, nullable: true }) modelName: string | null;
  @Column('varchar', { length: 64, nullable: true }) status: string | null;
  @Column('int', { nullable: true }) datasetId: number | null;
  @Column('datetime', { precision: 3, nullable: true }) submitTime: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) endTime: Date | null;
  @Column('json', { nullable: true }) result: unknown;
  @Column('json', { nullable: true }) config: unknown;
  @Column('varchar', { length: 64, nullable: true }) errorCode: string | null;
  @Column('text', { nullable: true }) errorMessage: string | null;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  /** Who started it. */
  @Column('varchar', { length: 64, nullable: true }) userName: string | null;
  /** Set while nothing more is to be asked; the status stays. */
  @Column('datetime', { precision: 3, nullable: true }) pausedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) cancelRequestedAt: Date | null;
  @Column('varchar', { length: 64, nullable: true }) leaseOwner: string | null;
  /** Grows with every claim; whoever writes with an older one writes nothing. */
  @Column('bigint', { default: 0 }) leaseToken: string;
  @Column('datetime', { precision: 3, nullable: true }) leaseUntil: Date | null;
  @Column('int', { nullable: true }) totalItems: number | null;
  /** Its logs are kept, however old they are. */
  @Column('boolean', { default: false }) legalHold: boolean;
  /** Brought in from the files of an old installation. */
  @Column('boolean', { default: false }) isLegacy: boolean;
  /** The offset from UTC that its times had in an old installation; they are in UTC now. */
  @Column('varchar', { length: 6, nullable: true }) convertedFrom: string | null;
  @Column('datetime', { precision: 3, nullable: true }) logsRemovedAt: Date | null;
  @Column('int', { default: 0 }) callsUsed: number;
  @Column('bigint', { default: 0 }) tokensUsed: string;
}
