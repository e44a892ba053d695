import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** One request of a client; partitioned by time. */
@Entity('client_access_logs')
@Index('ix_client_access_logs_client_id_created_at', ['clientId', 'createdAt'])
@Index('ix_client_access_logs_action_created_at', ['action', 'createdAt'])
@Index('ix_client_access_logs_created_at', ['createdAt'])
@Index('ix_client_access_logs_statistics', ['createdAt', 'action', 'statusCode', 'responseTime'])
export class ClientAccessLog {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 36, nullable: true }) clientId: string | null;
  @Column('varchar', { length: 100 }) action: string;
  @Column('varchar', { length: 200, nullable: true }) endpoint: string | null;
  @Column('varchar', { length: 16, nullable: true }) method: string | null;
  @Column('varchar', { length: 64, nullable: true }) ipAddress: string | null;
  @Column('text', { nullable: true }) userAgent: string | null;
  /** Milliseconds. */
  @Column('int', { nullable: true }) responseTime: number | null;
  @Column('int', { nullable: true }) statusCode: number | null;
  @Column('varchar', { length: 64, nullable: true }) requestId: string | null;
  @PrimaryColumn('datetime', { precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' }) createdAt: Date;
}
