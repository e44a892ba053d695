import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const NODE_TYPES = ['master', 'worker'] as const;
const STATUSES = ['online', 'offline', 'busy', 'error', 'maintenance'] as const;

/** A ComfyUI server: where it is, what it can do, how it fares. */
@Entity('nodes')
@Index('uq_nodes_node_id', ['nodeId'], { unique: true })
@Index('ix_nodes_status', ['status'])
@Index('ix_nodes_last_heartbeat', ['lastHeartbeat'])
@Index('ix_nodes_api_url', ['apiUrl'])
export class Node {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 100 }) nodeId: string;
  @Column('varchar', { length: 200 }) name: string;
  @Column('varchar', { length: 255 }) host: string;
  @Column('int') port: number;
  @Column('varchar', { length: 500 }) apiUrl: string;
  @Column('enum', { enum: NODE_TYPES, default: 'worker' }) nodeType: (typeof NODE_TYPES)[number];
  @Column('enum', { enum: STATUSES, default: 'offline' }) status: (typeof STATUSES)[number];
  /** Takes no new tasks, by an operator's wish. */
  @Column('boolean', { default: false }) cordoned: boolean;
  /** Takes no new tasks, and what it still has then is given to others. */
  @Column('datetime', { precision: 3, nullable: true }) drainUntil: Date | null;
  @Column('int', { default: 0 }) currentLoad: number;
  /** What load percentages refer to, not the prompts in flight. */
  @Column('int', { default: 4 }) maxLoad: number;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) cpuUsage: string;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) memoryUsage: string;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) gpuUsage: string;
  @Column('decimal', { precision: 5, scale: 2, default: 0 }) gpuMemoryUsage: string;
  @Column('json', { nullable: true }) supportedTaskTypes: unknown;
  @Column('json', { nullable: true }) capabilities: unknown;
  /** GPU model, location, priority. */
  @Column('json', { nullable: true }) metadata: unknown;
  @Column('json', { nullable: true }) breaker: unknown;
  @Column('char', { length: 64, nullable: true }) nodeTokenHash: string | null;
  @Column('varchar', { length: 64, nullable: true }) version: string | null;
  @Column('datetime', { precision: 3, nullable: true }) lastHeartbeat: Date | null;
  @Column('text', { nullable: true }) lastError: string | null;
  @Column('int', { default: 0 }) totalTasks: number;
  @Column('int', { default: 0 }) completedTasks: number;
  @Column('int', { default: 0 }) failedTasks: number;
  /** Seconds. */
  @Column('decimal', { precision: 10, scale: 2, default: 0 }) averageProcessingTime: string;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
}
