import { Column, Entity, Index } from 'typeorm';
import { GroupStatistic } from './group-statistic.js';

/** The groups of a day added up: all, by workflow, by node. What a row is not about is empty in it. */
@Entity('daily_rollups')
@Index('uq_daily_rollups_date_and_group', ['statDate', 'taskType', 'workflowName', 'nodeId', 'sourceType'], {
  unique: true,
})
export class DailyRollup extends GroupStatistic {
  @Column({ type: 'date', utc: true }) statDate: string;
}
