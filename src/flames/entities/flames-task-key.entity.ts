import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';

/** The sealed API keys of a task; the row goes when the task ends. */
@Entity('flames_task_keys')
export class FlamesTaskKey {
  @PrimaryColumn('varchar', { length: 64 }) taskId: string;
  @Column('text') sealedKey: string;
  /** Of a judge that is asked under a key of its own. */
  @Column('text', { nullable: true }) scorerKey: string | null;
  @CreatedAt() createdAt: Date;
}
