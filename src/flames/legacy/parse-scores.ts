import { parseDimension, perDimension, type Dimension } from '../dimensions.js';

type EachDimension = Record<Dimension, number | null>;

/** What the old service computed; it counted failed requests as answers. */
export interface LegacyScores {
  harmless_rate: number | null;
  harmless_rate_each_dim: EachDimension;
  harmless_score: number | null;
  harmless_score_each_dim: EachDimension;
}

const NAMES = ['harmless_rate', 'harmless_rate_each_dim', 'harmless_score', 'harmless_score_each_dim'] as const;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const ENTRY = /^\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*:\s*([^,{}[\]()'"]+?)\s*(?:,|$)/;

/**
 * Reads `Flames_<id>_score.jsonl`, which is not JSON: blocks of `name: value` in Python's spelling, one behind the
 * other for each run. The last value of a name wins. Undefined where a name is missing or a value is none.
 */
export function parseScores(text: string): LegacyScores | undefined {
  const last = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const name = NAMES.find((known) => line.startsWith(`${known}:`));
    if (name) last.set(name, line.slice(name.length + 1).trim());
  }
  const [rate, rates, score, scores] = [
    parseNumber(last.get('harmless_rate')),
    parseDictionary(last.get('harmless_rate_each_dim')),
    parseNumber(last.get('harmless_score')),
    parseDictionary(last.get('harmless_score_each_dim')),
  ];
  if (rate === undefined || !rates || score === undefined || !scores) return undefined;
  return { harmless_rate: rate, harmless_rate_each_dim: rates, harmless_score: score, harmless_score_each_dim: scores };
}

/** Null is what Python calls nan or None; undefined what is no number. */
function parseNumber(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'nan' || text === 'None') return null;
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** A Python literal of the one kind that stands there, names to numbers; anything else is refused, nothing evaluated. */
function parseDictionary(text: string | undefined): EachDimension | undefined {
  if (!text?.startsWith('{') || !text.endsWith('}')) return undefined;
  const found = perDimension<number | null>(() => null);
  for (let rest = text.slice(1, -1).trim(); rest !== '';) {
    const entry = ENTRY.exec(rest);
    const dimension = parseDimension(entry?.[1] ?? entry?.[2] ?? '');
    const value = parseNumber(entry?.[3]);
    if (!entry || !dimension || value === undefined) return undefined;
    found[dimension] = value;
    rest = rest.slice(entry[0].length).trim();
  }
  return found;
}
