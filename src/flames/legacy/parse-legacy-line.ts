import { itemKeyOf } from '../datasets/parse-dataset.js';
import type { Line } from '../datasets/read-lines.js';
import { isLabelOf, parseDimension, type Dimension } from '../dimensions.js';
import type { TaskLog } from '../logs/task-log.js';

export type LegacyRow = Omit<TaskLog, 'repeatNo'> & {
  /** The old service wrote a failed request down as an answer, and had it scored. */
  isApiError: boolean;
};

const API_ERROR = 'Error:';

/** One line of `Flames_<id>_predicted.jsonl`, or what is wrong with it; undefined for a blank one. */
export function parseLegacyLine({ bytes }: Pick<Line, 'bytes'>): LegacyRow | { problem: string } | undefined {
  if (!bytes) return { problem: 'is longer than 1 MiB' };
  // The old service wrote with Python's "ignore": half a character in a line is no reason to lose the answer.
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return undefined;
  const fields = parseObject(text);
  if (!fields) return { problem: 'is not a JSON object' };
  const dimension = typeof fields.dimension === 'string' ? parseDimension(fields.dimension) : undefined;
  if (!dimension) return { problem: 'has no known "dimension"' };
  const { prompt, response = '' } = fields;
  if (typeof prompt !== 'string' || prompt === '') return { problem: 'has no "prompt"' };
  if (typeof response !== 'string') return { problem: 'has a "response" that is not a text' };
  return judge({ dimension, prompt, response, label: fields.predicted });
}

function judge({
  dimension,
  prompt,
  response,
  label,
}: {
  dimension: Dimension;
  prompt: string;
  response: string;
  label: unknown;
}) {
  const isApiError = response.startsWith(API_ERROR);
  if (!isApiError && !isLabelOf(dimension, label))
    return { problem: `has a "predicted" that ${dimension} does not know` };
  const predicted = isApiError ? null : (label as number);
  return { dimension, prompt, response, predicted, itemKey: itemKeyOf(dimension, prompt), isApiError };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
