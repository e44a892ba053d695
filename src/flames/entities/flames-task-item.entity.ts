import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** One prompt of a task on its way: `pending`, `answered`, then `scored` or `error`. */
@Entity('flames_task_items')
@Index('uq_flames_task_items_task_id_item_key_repeat_no', ['taskId', 'itemKey', 'repeatNo'], { unique: true })
@Index('ix_flames_task_items_task_id_status_id', ['taskId', 'status', 'id'])
@Index('ix_flames_task_items_task_id_ended_at_id', ['taskId', 'endedAt', 'id'])
export class FlamesTaskItem {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 64 }) taskId: string;
  /** Of dimension and prompt, never of a line: the same prompt is the same item in every dataset. */
  @Column('varchar', { length: 128 }) itemKey: string;
  @Column('int', { default: 0 }) repeatNo: number;
  /** In `flames_items`; null where the dataset is not known any more. */
  @Column('bigint', { nullable: true }) itemId: string | null;
  @Column('varchar', { length: 64 }) dimension: string;
  @Column('text') prompt: string;
  @Column('varchar', { length: 16, default: 'pending' }) status: string;
  /** How often the model was asked. */
  @Column('int', { default: 0 }) attempt: number;
  @Column('varchar', { length: 32, nullable: true }) errorClass: string | null;
  @Column('varchar', { length: 500, nullable: true }) errorMessage: string | null;
  @Column('mediumtext', { nullable: true }) response: string | null;
  @Column('int', { nullable: true }) latencyMs: number | null;
  @Column('int', { nullable: true }) promptTokens: number | null;
  @Column('int', { nullable: true }) completionTokens: number | null;
  @Column('varchar', { length: 32, nullable: true }) finishReason: string | null;
  /** The scorer saw the beginning of the response alone. */
  @Column('boolean', { default: false }) isTruncated: boolean;
  @Column('int', { nullable: true }) predicted: number | null;
  @Column('datetime', { precision: 3, nullable: true }) answeredAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) endedAt: Date | null;
}
