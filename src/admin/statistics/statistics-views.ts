import type {
  BucketCounts,
  Durations,
  GroupStatistics,
  StatisticsFilter,
  StoredDay,
  Times,
} from '../../shared/index.js';
import type {
  DurationsView,
  RangeView,
  StoredView,
  SuccessView,
  TaskBucketView,
  TaskCountsView,
  TimesView,
} from './statistics.view.js';

type Counts = Pick<BucketCounts, 'submitted' | 'completed' | 'failed' | 'cancelled' | 'fileBytes'>;

export function toRangeView({ from, to }: Pick<StatisticsFilter, 'from' | 'to'>, until: Date | undefined): RangeView {
  return { from: from.toISOString(), to: to.toISOString(), as_of: until?.toISOString() ?? null };
}

export function toCountsView({ submitted, completed, failed, cancelled, fileBytes }: Counts): TaskCountsView {
  return { submitted, completed, failed, cancelled, file_bytes: fileBytes };
}

export function toBucketView(sums: BucketCounts, size: number, until: Date | undefined): TaskBucketView {
  const end = sums.bucket.getTime() + size;
  return {
    time: sums.bucket.toISOString(),
    ...toCountsView(sums),
    is_complete: until !== undefined && end <= until.getTime(),
  };
}

export function toTimesView({ wait, run }: Times): TimesView {
  return { wait: toDurationsView(wait), run: toDurationsView(run) };
}

export function toSuccessView(group: GroupStatistics): SuccessView {
  const ended = group.completed + group.failed;
  return {
    ...toCountsView(group),
    success_rate: ended === 0 ? null : Math.round((group.completed / ended) * 10_000) / 10_000,
    ...toTimesView(group),
  };
}

export function toStoredView(stored: StoredDay | undefined): StoredView | null {
  if (!stored) return null;
  return { files: stored.files, bytes: stored.bytes, as_of: stored.countedAt.toISOString() };
}

export function addUpCounts(all: Counts[]): Counts {
  const total = { submitted: 0, completed: 0, failed: 0, cancelled: 0, fileBytes: 0 };
  for (const counts of all) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name];
  return total;
}

function toDurationsView({ count, mean, p50, p90, p95, p99 }: Durations): DurationsView {
  return { count, mean_ms: mean, p50_ms: p50, p90_ms: p90, p95_ms: p95, p99_ms: p99 };
}
