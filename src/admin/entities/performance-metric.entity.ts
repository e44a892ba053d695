import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

const METRIC_TYPES = ['system', 'task', 'node', 'api'] as const;

/** One sample; partitioned by time. */
@Entity('performance_metrics')
@Index('ix_performance_metrics_metric_type_metric_name_recorded_at', ['metricType', 'metricName', 'recordedAt'])
@Index('ix_performance_metrics_node_id_recorded_at', ['nodeId', 'recordedAt'])
@Index('ix_performance_metrics_recorded_at', ['recordedAt'])
export class PerformanceMetric {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('enum', { enum: METRIC_TYPES }) metricType: (typeof METRIC_TYPES)[number];
  @Column('varchar', { length: 100 }) metricName: string;
  @Column('decimal', { precision: 20, scale: 6 }) metricValue: string;
  @Column('varchar', { length: 64, nullable: true }) unit: string | null;
  @Column('json', { nullable: true }) tags: unknown;
  @Column('bigint', { nullable: true }) nodeId: string | null;
  @PrimaryColumn('datetime', { precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' }) recordedAt: Date;
}
