import { Entity, Index, PrimaryColumn } from 'typeorm';

/** A minute whose samples one source has written: in the same transaction, so that no minute is written twice. */
@Entity('metric_minutes')
@Index('ix_metric_minutes_recorded_at', ['recordedAt'])
export class MetricMinute {
  /** `installation`, or a process for what it alone knows. */
  @PrimaryColumn('varchar', { length: 64 }) source: string;
  @PrimaryColumn('datetime', { precision: 3 }) recordedAt: Date;
}
