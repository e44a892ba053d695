import { Column, Entity, Index } from 'typeorm';
import { GroupStatistic } from './group-statistic.js';

/** Counts and mergeable histograms of an hour. */
@Entity('hourly_statistics')
@Index('uq_hourly_statistics_hour_and_group', ['statHour', 'taskType', 'workflowName', 'nodeId', 'sourceType'], {
  unique: true,
})
@Index('ix_hourly_statistics_sums', [
  'statHour',
  'taskType',
  'workflowName',
  'nodeId',
  'sourceType',
  'submitted',
  'completed',
  'failed',
  'cancelled',
  'fileBytes',
])
export class HourlyStatistic extends GroupStatistic {
  @Column('datetime', { precision: 3 }) statHour: Date;
}
