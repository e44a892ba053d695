import { Injectable } from '@nestjs/common';
import { Clock, InvalidInputError, RelaxedReadings } from '../../common/index.js';
import {
  PerformanceMetricsRepository,
  type HistoryPoint,
  type MetricSummary,
} from './performance-metrics.repository.js';
import type { HistoryQuery, SpanQuery } from './performance.query.js';
import type { CurrentView, HistoryView, SeriesView, SummaryView } from './performance.view.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CURRENT_MS = 5 * MINUTE_MS;
const LONGEST_HISTORY_MS = 92 * DAY_MS;
/** Every sample of the span is put in order. */
const LONGEST_SUMMARY_MS = 3 * DAY_MS;
const POINTS = 300;
/** Of all series together. */
const MOST_POINTS = 20_000;
/** How many summaries are kept: for one of a large fleet millions of samples are put in order. */
const KEPT = 20;

/** The samples of each minute, for charts. */
@Injectable()
export class PerformanceService {
  private readonly summaries: RelaxedReadings<MetricSummary[]>;

  constructor(
    private readonly metrics: PerformanceMetricsRepository,
    private readonly clock: Clock,
  ) {
    this.summaries = new RelaxedReadings(clock, MINUTE_MS, KEPT);
  }

  async getCurrent(): Promise<CurrentView> {
    const now = this.clock.now();
    const since = new Date(now.getTime() - CURRENT_MS);
    const { recordedAt, samples } = await this.metrics.listLatest(since, now);
    return {
      recorded_at: recordedAt?.toISOString() ?? null,
      metrics: samples.map(({ type, name, value, unit, tags, nodeId }) => ({
        ...{ metric_type: type, metric_name: name, value, unit, tags, node_id: toNumber(nodeId) },
      })),
    };
  }

  async getHistory(query: HistoryQuery): Promise<HistoryView> {
    const { metric_type: type, metric_name: name, node_id: nodeId } = query;
    const { from, to } = this.span(query, HOUR_MS, LONGEST_HISTORY_MS);
    const stepSeconds = query.step ?? stepFor(to.getTime() - from.getTime());
    const points = await this.metrics.listHistory({
      ...{ type, name, from, to, stepSeconds, limit: MOST_POINTS },
      nodeId: nodeId === undefined ? undefined : String(nodeId),
    });
    if (points.length > MOST_POINTS) {
      const message = `These are more than ${MOST_POINTS} points: ask for a larger step, a shorter time, or one node.`;
      throw new InvalidInputError([{ field: 'step', message }]);
    }
    return {
      ...{ metric_type: type, metric_name: name },
      ...{ from: from.toISOString(), to: to.toISOString(), step: stepSeconds },
      series: toSeries(points),
    };
  }

  async getSummary(query: SpanQuery): Promise<SummaryView> {
    const { from, to } = this.span(query, DAY_MS, LONGEST_SUMMARY_MS);
    // Of one minute, all who ask for the latest get the same.
    const latest = query.from && query.to ? '' : Math.floor(this.clock.now().getTime() / MINUTE_MS);
    const key = [query.from?.toISOString(), query.to?.toISOString(), latest].join(' ');
    const summaries = await this.summaries.get(key, () => this.metrics.summarise(from, to));
    return {
      ...{ from: from.toISOString(), to: to.toISOString() },
      metrics: summaries.map(({ type, name, unit, least, average, most, p95, samples }) => ({
        ...{ metric_type: type, metric_name: name, unit, min: least, avg: average, max: most, p95, samples },
      })),
    };
  }

  private span(query: SpanQuery, usualMs: number, longestMs: number): { from: Date; to: Date } {
    const to = query.to ?? this.clock.now();
    const from = query.from ?? new Date(to.getTime() - usualMs);
    const lengthMs = to.getTime() - from.getTime();
    const days = longestMs / DAY_MS;
    if (lengthMs > 0 && lengthMs <= longestMs) return { from, to };
    const message = lengthMs > 0 ? `must be at most ${days} days before "to"` : 'must be before "to"';
    throw new InvalidInputError([{ field: 'from', message }]);
  }
}

/** Whole minutes, so that every point is made of equally many. */
function stepFor(lengthMs: number): number {
  return Math.max(1, Math.ceil(lengthMs / POINTS / MINUTE_MS)) * 60;
}

function toSeries(points: HistoryPoint[]): SeriesView[] {
  const series = new Map<string, SeriesView>();
  for (const { nodeId, tags, at, average, least, most, samples } of points) {
    const key = JSON.stringify([nodeId, tags]);
    const known = series.get(key) ?? { node_id: toNumber(nodeId), tags, points: [] };
    known.points.push({ at: at.toISOString(), avg: average, min: least, max: most, samples });
    series.set(key, known);
  }
  return [...series.values()];
}

function toNumber(nodeId: string | null): number | null {
  return nodeId === null ? null : Number(nodeId);
}
