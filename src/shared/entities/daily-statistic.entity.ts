import { Column, Entity, Index } from 'typeorm';
import { GroupStatistic } from './group-statistic.js';

/** The hours of a day added up, for ranges of months. */
@Entity('daily_statistics')
@Index('uq_daily_statistics_date_and_group', ['statDate', 'taskType', 'workflowName', 'nodeId', 'sourceType'], {
  unique: true,
})
export class DailyStatistic extends GroupStatistic {
  @Column({ type: 'date', utc: true }) statDate: string;
}
