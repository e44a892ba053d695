import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** One message to a user's address, until it arrived or was given up. */
@Entity('webhook_deliveries')
@Index('uq_webhook_deliveries_delivery_id', ['deliveryId'], { unique: true })
@Index('ix_webhook_deliveries_task_id', ['taskId'])
@Index('uq_webhook_deliveries_task_id_run_no_event', ['taskId', 'runNo', 'event'], { unique: true })
@Index('ix_webhook_deliveries_client_id_id', ['clientId', 'id'])
@Index('ix_webhook_deliveries_delivered_at_failed_at_next_attempt_at', ['deliveredAt', 'failedAt', 'nextAttemptAt'])
export class WebhookDelivery {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('char', { length: 36 }) deliveryId: string;
  @Column('varchar', { length: 36 }) clientId: string;
  @Column('varchar', { length: 36 }) taskId: string;
  @Column('varchar', { length: 64 }) event: string;
  @Column('varchar', { length: 500 }) url: string;
  @Column('json') payload: unknown;
  @Column('int', { default: 0 }) attemptCount: number;
  @Column('datetime', { precision: 3, nullable: true }) nextAttemptAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) deliveredAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) failedAt: Date | null;
  @Column('int', { nullable: true }) lastStatus: number | null;
  @Column('text', { nullable: true }) lastError: string | null;
  @CreatedAt() createdAt: Date;
  @Column('int', { default: 1 }) runNo: number;
  @Column('datetime', { precision: 3, nullable: true }) lastAttemptAt: Date | null;
}
