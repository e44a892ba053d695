import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { GlobalTask } from './global-task.entity.js';

const STATUSES = ['assigned', 'running', 'completed', 'failed', 'cancelled'] as const;

/** One attempt of a task on one node. */
@Entity('node_task_assignments')
@Index('uq_node_task_assignments_assignment_id', ['assignmentId'], { unique: true })
@Index('uq_node_task_assignments_open_task_id', ['openTaskId'], { unique: true })
@Index('uq_node_task_assignments_node_id_slot', ['nodeId', 'slot'], { unique: true })
@Index('ix_node_task_assignments_task_id_run_no_attempt_no', ['taskId', 'runNo', 'attemptNo'])
export class NodeTaskAssignment {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  /** Also the prompt id on the node. */
  @Column('char', { length: 36 }) assignmentId: string;
  @Column('varchar', { length: 100 }) nodeId: string;
  @ForeignKey(() => GlobalTask, 'id', { name: 'fk_node_task_assignments_task_id', onDelete: 'CASCADE' })
  @Column('bigint')
  taskId: string;
  @Column('int') runNo: number;
  @Column('int') attemptNo: number;
  @Column('enum', { enum: STATUSES, default: 'assigned' }) status: (typeof STATUSES)[number];
  /** 0 or 1 while the node holds the prompt, else null (I10). */
  @Column('tinyint', { nullable: true }) slot: number | null;
  /** The task's id while the assignment is open, else null: one open assignment a task (I10). */
  @Column('bigint', { nullable: true }) openTaskId: string | null;
  /** Of the node's owner; late writers miss (I8). */
  @Column('bigint') leaseToken: string;
  @Column('char', { length: 36, nullable: true }) ownerId: string | null;
  @Column('datetime', { precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' }) assignedAt: Date;
  /** Null after a crash: nothing was sent (I12). */
  @Column('datetime', { precision: 3, nullable: true }) postStartedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) acceptedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) startedAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) endedOnNodeAt: Date | null;
  @Column('datetime', { precision: 3, nullable: true }) completedAt: Date | null;
  @Column('varchar', { length: 64, nullable: true }) errorCode: string | null;
  @Column('text', { nullable: true }) errorMessage: string | null;
  /** Why this node. */
  @Column('text', { nullable: true }) reason: string | null;
  /** Somebody wishes it back from its node, to run it elsewhere. */
  @Column('datetime', { precision: 3, nullable: true }) requeueWishedAt: Date | null;
}
