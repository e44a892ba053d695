import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt } from '../../database/index.js';
import { ClientTask } from './client-task.entity.js';

const PARAMETER_TYPES = ['string', 'int', 'float', 'boolean', 'json'] as const;

/** One parameter as the user gave it. */
@Entity('client_task_parameters')
@Index('uq_client_task_parameters_task_id_parameter_name', ['taskId', 'parameterName'], { unique: true })
@Index('ix_client_task_parameters_file_hash', ['fileHash'])
export class ClientTaskParameter {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @ForeignKey(() => ClientTask, 'id', { name: 'fk_client_task_parameters_task_id', onDelete: 'CASCADE' })
  @Column('bigint')
  taskId: string;
  @Column('varchar', { length: 100 }) parameterName: string;
  /** JSON text of the value. */
  @Column('text', { nullable: true }) parameterValue: string | null;
  @Column('enum', { enum: PARAMETER_TYPES, default: 'string' }) parameterType: (typeof PARAMETER_TYPES)[number];
  /** The bytes that the value stands for, where it names an upload. */
  @Column('char', { length: 64, nullable: true }) fileHash: string | null;
  @CreatedAt() createdAt: Date;
}
