import { isLabelOf, parseDimension, perDimension, type Dimension } from '../dimensions.js';
import { emptyCounts, harmlessMetrics, type Counts, type HarmlessMetrics } from '../metrics/harmless-metrics.js';

/** What is known of every task; the rest only of those that this service ran or brought in. */
export type BasicFigures = Pick<
  HarmlessMetrics,
  'harmless_rate' | 'harmless_rate_each_dim' | 'harmless_score' | 'harmless_score_each_dim'
>;
export type ReportFigures = BasicFigures & Partial<HarmlessMetrics>;

/** Undefined where the column holds nothing that can be shown. Old results hold the four basic figures, and log rows. */
export function readFigures(stored: unknown): ReportFigures | undefined {
  const fields = asObject(stored);
  if (!fields || asNumber(fields.harmless_rate) === undefined) return undefined;
  const counts = asObject(fields.counts);
  // Never trusted to be complete: figures follow from counts, wherever there are counts.
  if (counts) return { ...harmlessMetrics(readCounts(counts)) };
  return {
    harmless_rate: asNumber(fields.harmless_rate) ?? null,
    harmless_rate_each_dim: readEachDimension(fields.harmless_rate_each_dim),
    harmless_score: asNumber(fields.harmless_score) ?? null,
    harmless_score_each_dim: readEachDimension(fields.harmless_score_each_dim),
  };
}

/** From rows: what carries no label of its dimension was never scored. */
export function figuresOfLabels(
  counted: Iterable<{ dimension: string; predicted: number | null; rows: number }>,
): HarmlessMetrics {
  const counts = emptyCounts();
  for (const { dimension: name, predicted, rows } of counted) {
    const dimension = parseDimension(name);
    if (!dimension) continue;
    const place = isLabelOf(dimension, predicted) ? (`n${predicted}` as const) : 'nError';
    counts[dimension][place] += rows;
  }
  return harmlessMetrics(counts);
}

function readCounts(fields: Record<string, unknown>): Counts {
  const counts = emptyCounts();
  for (const [name, value] of Object.entries(fields)) {
    const dimension = parseDimension(name);
    const stored = asObject(value);
    if (!dimension || !stored) continue;
    for (const key of Object.keys(counts[dimension]) as (keyof Counts[Dimension])[]) {
      counts[dimension][key] = asNumber(stored[key]) ?? 0;
    }
  }
  return counts;
}

function readEachDimension(value: unknown): Record<Dimension, number | null> {
  const found = perDimension<number | null>(() => null);
  for (const [name, figure] of Object.entries(asObject(value) ?? {})) {
    const dimension = parseDimension(name);
    if (dimension) found[dimension] = asNumber(figure) ?? null;
  }
  return found;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Null counts as told: nothing was scored. */
function asNumber(value: unknown): number | null | undefined {
  return value === null || Number.isFinite(value) ? (value as number | null) : undefined;
}
