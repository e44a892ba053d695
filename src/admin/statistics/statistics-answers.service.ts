import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { DAY_MS, dayOf, HOUR_MS, startOf, TaskStatisticsService } from '../../shared/index.js';
import {
  addUpCounts,
  toBucketView,
  toCountsView,
  toRangeView,
  toStoredView,
  toSuccessView,
  toTimesView,
} from './statistics-views.js';
import {
  toFilter,
  type FilteredQuery,
  type RangeQuery,
  type SeriesQuery,
  type UsersQuery,
} from './statistics.query.js';
import type {
  NodesStatisticsView,
  OverviewView,
  StorageStatisticsView,
  TaskSeriesView,
  TimesSeriesView,
  UsersStatisticsView,
  WorkflowsStatisticsView,
} from './statistics.view.js';

const SUMS = { hour: 31 * 24, day: 366 };
/** Every group's histograms of every hour are read for it. */
const HISTOGRAMS = { hour: 3 * 24, day: 366 };

/** The answers of the statistics routes. */
@Injectable()
export class StatisticsAnswersService {
  constructor(
    private readonly statistics: TaskStatisticsService,
    private readonly clock: Clock,
  ) {}

  async tasks(query: SeriesQuery): Promise<TaskSeriesView> {
    const filter = toFilter(query, this.clock.now(), SUMS);
    const [until, series] = await Promise.all([this.statistics.countedUntil(), this.statistics.series(filter)]);
    const size = filter.interval === 'hour' ? HOUR_MS : DAY_MS;
    return {
      ...toRangeView(filter, until),
      interval: filter.interval,
      series: series.map((sums) => toBucketView(sums, size, until)),
      total: toCountsView(addUpCounts(series)),
    };
  }

  async times(query: SeriesQuery): Promise<TimesSeriesView> {
    const filter = toFilter(query, this.clock.now(), HISTOGRAMS);
    const [until, { all, series }] = await Promise.all([this.statistics.countedUntil(), this.statistics.times(filter)]);
    return {
      ...toRangeView(filter, until),
      interval: filter.interval,
      series: series.map(({ bucket, ...times }) => ({ time: bucket.toISOString(), ...toTimesView(times) })),
      total: toTimesView(all),
    };
  }

  async workflows(query: FilteredQuery): Promise<WorkflowsStatisticsView> {
    const filter = toFilter(query, this.clock.now(), SUMS);
    const [until, groups] = await Promise.all([this.statistics.countedUntil(), this.statistics.byWorkflow(filter)]);
    const workflows = groups.map((group) => ({
      workflow_name: group.name,
      task_type: group.taskType,
      ...toSuccessView(group),
    }));
    return { ...toRangeView(filter, until), workflows };
  }

  async nodes(query: FilteredQuery): Promise<NodesStatisticsView> {
    const filter = toFilter(query, this.clock.now(), SUMS);
    const [until, groups] = await Promise.all([this.statistics.countedUntil(), this.statistics.byNode(filter)]);
    return {
      ...toRangeView(filter, until),
      nodes: groups.map((group) => ({ node_id: group.name, ...toSuccessView(group) })),
    };
  }

  async users({ limit, offset, ...query }: UsersQuery): Promise<UsersStatisticsView> {
    const filter = toFilter(query, this.clock.now(), SUMS);
    const [until, { items, total }] = await Promise.all([
      this.statistics.countedUntil(),
      this.statistics.byUser(filter, { limit, offset }),
    ]);
    const users = items.map((user) => ({
      source_type: user.sourceType,
      source_user_id: user.sourceUserId,
      ...toCountsView(user),
      run_ms: user.runMsTotal,
    }));
    return { ...toRangeView(filter, until), users, total, limit, offset };
  }

  async storage(query: RangeQuery): Promise<StorageStatisticsView> {
    const filter = toFilter(query, this.clock.now(), SUMS);
    const [until, made, stored, now] = await Promise.all([
      this.statistics.countedUntil(),
      this.statistics.series(filter),
      this.statistics.listStored(filter),
      this.statistics.findLatestStored(),
    ]);
    const byDay = new Map(stored.map((day) => [dayOf(day.day), day]));
    const series = made.map(({ bucket, fileBytes }) => {
      const day = byDay.get(dayOf(bucket));
      const kept = { stored_bytes: day?.bytes ?? null, stored_files: day?.files ?? null };
      return { date: dayOf(bucket), made_bytes: fileBytes, ...kept };
    });
    return { ...toRangeView(filter, until), series, now: toStoredView(now) };
  }

  async overview(): Promise<OverviewView> {
    const midnight = startOf(this.clock.now(), DAY_MS);
    const days = {
      from: new Date(midnight.getTime() - DAY_MS),
      to: new Date(midnight.getTime() + DAY_MS),
      interval: 'day' as const,
    };
    const [until, live, [yesterday, today], stored] = await Promise.all([
      this.statistics.countedUntil(),
      this.statistics.live(),
      this.statistics.series(days),
      this.statistics.findLatestStored(),
    ]);
    const { from, ...hour } = live.hour;
    return {
      as_of: until?.toISOString() ?? null,
      today: toCountsView(today!),
      yesterday: toCountsView(yesterday!),
      this_hour: { from: from.toISOString(), ...hour },
      queue: live.queue,
      storage: toStoredView(stored),
    };
  }
}
