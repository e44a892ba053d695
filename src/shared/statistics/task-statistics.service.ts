import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { Clock } from '../../common/index.js';
import { countOf, percentile, type Histogram } from './histogram.js';
import { StatisticsMarksRepository } from './statistics-marks.repository.js';
import { bucketsOf, dayOf, HOUR_MS, startOf, type TimeRange } from './statistics-range.js';
import {
  StatisticsReadsRepository,
  type BucketCounts,
  type StatisticsFilter,
  type StoredDay,
} from './statistics-reads.repository.js';
import { addRow, noCounts, type CountsRow, type TaskCounts } from './task-counts.js';
import { TaskFactsRepository } from './task-facts.repository.js';
import { UserStatisticsRepository, type UserUse } from './user-statistics.repository.js';

/** In ms; null where nothing was measured. */
export interface Durations {
  count: number;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Times {
  wait: Durations;
  run: Durations;
}

export interface GroupStatistics extends Times {
  /** The workflow's or the node's. */
  name: string;
  taskType: string;
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  fileBytes: number;
}

/** Answers for charts, from what was counted; how fresh that is, `countedUntil` says. */
@Injectable()
export class TaskStatisticsService {
  constructor(
    private readonly reads: StatisticsReadsRepository,
    private readonly marks: StatisticsMarksRepository,
    private readonly users: UserStatisticsRepository,
    private readonly facts: TaskFactsRepository,
    private readonly clock: Clock,
  ) {}

  /** The end of the last hour that was counted; undefined before the first. */
  async countedUntil(): Promise<Date | undefined> {
    const until = await this.marks.find('counted_until');
    return until === undefined ? undefined : new Date(until);
  }

  /** One entry for each hour or day of the range. */
  async series(filter: StatisticsFilter): Promise<BucketCounts[]> {
    const found = new Map((await this.reads.listSums(filter)).map((sums) => [sums.bucket.getTime(), sums]));
    const none = { submitted: 0, completed: 0, failed: 0, cancelled: 0, fileBytes: 0 };
    return bucketsOf(filter, filter.interval).map((bucket) => found.get(bucket.getTime()) ?? { bucket, ...none });
  }

  /** Of the whole range, and of each hour or day. */
  async times(filter: StatisticsFilter): Promise<{ all: Times; series: (Times & { bucket: Date })[] }> {
    const all = noCounts();
    const buckets = new Map(bucketsOf(filter, filter.interval).map((bucket) => [bucket.getTime(), noCounts()]));
    for (const row of await this.reads.listGroups(filter)) {
      const bucket = buckets.get(new Date(row.bucket).getTime());
      if (bucket) addRow(bucket, row);
      addRow(all, row);
    }
    const series = [...buckets].map(([time, counts]) => ({ bucket: new Date(time), ...toTimes(counts) }));
    return { all: toTimes(all), series };
  }

  async byWorkflow(filter: StatisticsFilter): Promise<GroupStatistics[]> {
    return this.groupBy(filter, 'workflow', ({ workflowName, taskType }) => ({ name: workflowName, taskType }));
  }

  /** What never had a node is not among them. */
  async byNode(filter: StatisticsFilter): Promise<GroupStatistics[]> {
    const groups = await this.groupBy(filter, 'node', ({ nodeId }) => ({ name: nodeId, taskType: '' }));
    return groups.filter(({ name }) => name !== '');
  }

  byUser(range: TimeRange, page: { limit: number; offset: number }): Promise<Page<UserUse>> {
    return this.users.list(dayOf(range.from), dayOf(new Date(range.to.getTime() - 1)), page);
  }

  listStored(range: TimeRange): Promise<StoredDay[]> {
    return this.reads.listStored(range.from, range.to);
  }

  findLatestStored(): Promise<StoredDay | undefined> {
    return this.reads.findLatestStored();
  }

  /** The queue, and the hour that is not over, counted from rows just now. */
  async live() {
    const now = this.clock.now();
    const from = startOf(now, HOUR_MS);
    const [queue, counts] = await Promise.all([this.facts.countOpen(), this.facts.count(from, now)]);
    return { now, queue, hour: { from, ...counts } };
  }

  private async groupBy(
    filter: StatisticsFilter,
    by: 'workflow' | 'node',
    groupOf: (row: CountsRow) => Pick<GroupStatistics, 'name' | 'taskType'>,
  ): Promise<GroupStatistics[]> {
    const groups = new Map<string, TaskCounts & Pick<GroupStatistics, 'name' | 'taskType'>>();
    for (const row of await this.reads.listGroups(filter, by)) {
      const group = groupOf(row);
      const key = JSON.stringify(group);
      const counts = groups.get(key) ?? { ...group, ...noCounts() };
      groups.set(key, counts);
      addRow(counts, row);
    }
    return [...groups.values()]
      .map((counts) => ({ ...counts, ...toTimes(counts) }))
      .sort((a, b) => b.completed + b.failed - a.completed - a.failed || (a.name < b.name ? -1 : 1));
  }
}

function toTimes({ waitMsTotal, waitHistogram, runMsTotal, runHistogram }: TaskCounts): Times {
  return { wait: toDurations(waitMsTotal, waitHistogram), run: toDurations(runMsTotal, runHistogram) };
}

function toDurations(total: number, histogram: Histogram): Durations {
  const count = countOf(histogram);
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((share) => rounded(percentile(histogram, share)));
  return { count, mean: count === 0 ? null : Math.round(total / count), p50: p50!, p90: p90!, p95: p95!, p99: p99! };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
