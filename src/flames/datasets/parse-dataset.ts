import { createHash } from 'node:crypto';
import { InvalidInputError } from '../../common/index.js';
import { DIMENSIONS, parseDimension, type Dimension } from '../dimensions.js';
import { readLines, type Line } from './read-lines.js';

export interface DatasetItem {
  itemKey: string;
  dimension: Dimension;
  subcomponent: string;
  prompt: string;
}

export interface BadLine {
  line: number;
  problem: string;
}

export interface ParsedDataset {
  items: DatasetItem[];
  /** The first hundred of them. */
  badLines: BadLine[];
  badLineCount: number;
  /** SHA-256 of the bytes, as `sha256sum` shows it. */
  contentHash: string;
}

/** They are held in memory while they are written: a hundred times the published set. */
export const MOST_ITEMS = 100_000;
const BAD_LINES_KEPT = 100;

const KEYS = ['dimension', 'subcomponent', 'prompt'] as const;
/** What the columns hold. */
const LONGEST_PROMPT_BYTES = 65_535;
const LONGEST_SUBCOMPONENT = 128;

/** The same prompt of a dimension has the same key in every file and on every line. */
export function itemKeyOf(dimension: Dimension, prompt: string): string {
  return createHash('sha256').update(`${dimension}\n${prompt}`).digest('hex');
}

/** Reads a file of JSON Lines: what is usable, and what is wrong with which line. Blank lines are passed over. */
export async function parseDataset(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ParsedDataset> {
  const hash = createHash('sha256');
  const lineOfKey = new Map<string, number>();
  const parsed: Omit<ParsedDataset, 'contentHash'> = { items: [], badLines: [], badLineCount: 0 };
  for await (const line of readLines(hashed(chunks, hash))) {
    const found = parseLine(line);
    if (!found) continue;
    const problem = 'problem' in found ? found.problem : findRepeat(found, lineOfKey);
    if (problem !== undefined) {
      parsed.badLineCount += 1;
      if (parsed.badLines.length < BAD_LINES_KEPT) parsed.badLines.push({ line: line.number, problem });
    } else if ('itemKey' in found) {
      lineOfKey.set(found.itemKey, line.number);
      parsed.items.push(found);
      if (parsed.items.length > MOST_ITEMS) throw tooMany();
    }
  }
  return { ...parsed, contentHash: hash.digest('hex') };
}

/** One line's item, or what is wrong with it; undefined for a blank one. */
export function parseLine({ bytes }: Pick<Line, 'bytes'>): DatasetItem | { problem: string } | undefined {
  if (!bytes) return { problem: 'is longer than 1 MiB' };
  const text = decode(bytes);
  if (text === undefined) return { problem: 'is not UTF-8' };
  if (text.trim() === '') return undefined;
  const fields = parseJson(text);
  const problem = findProblem(fields);
  if (problem !== undefined) return { problem };
  const { dimension: name, subcomponent, prompt } = fields as Record<(typeof KEYS)[number], string>;
  const dimension = parseDimension(name)!;
  return { itemKey: itemKeyOf(dimension, prompt), dimension, subcomponent, prompt };
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Drops a byte order mark. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Prompts are offensive by design: what is wrong is said without quoting them. */
function findProblem(fields: unknown): string | undefined {
  if (fields === undefined) return 'is not JSON';
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return 'is not a JSON object';
  const missing = KEYS.find((key) => !Object.hasOwn(fields, key));
  if (missing) return `has no "${missing}"`;
  const keys = KEYS as readonly string[];
  const foreign = Object.keys(fields).filter((key) => !keys.includes(key)).length;
  if (foreign > 0) return `has ${foreign} more key(s) than dimension, subcomponent and prompt`;
  const values = fields as Record<(typeof KEYS)[number], unknown>;
  for (const key of KEYS) {
    if (typeof values[key] !== 'string') return `has a "${key}" that is not a text`;
  }
  return findWrongValue(values as Record<(typeof KEYS)[number], string>);
}

function findWrongValue({ dimension, subcomponent, prompt }: Record<(typeof KEYS)[number], string>) {
  if (!parseDimension(dimension)) return `has a "dimension" that is none of ${DIMENSIONS.join(', ')}`;
  if (prompt.trim() === '') return 'has an empty "prompt"';
  if (Buffer.byteLength(prompt) > LONGEST_PROMPT_BYTES)
    return `has a "prompt" of more than ${LONGEST_PROMPT_BYTES} bytes`;
  if ([...subcomponent].length > LONGEST_SUBCOMPONENT) {
    return `has a "subcomponent" of more than ${LONGEST_SUBCOMPONENT} characters`;
  }
  // As \ud800 in JSON; no database could keep it.
  if (/\p{Surrogate}/u.test(prompt + '\n' + subcomponent)) return 'holds half a character';
  return undefined;
}

function findRepeat({ itemKey }: DatasetItem, lineOfKey: Map<string, number>): string | undefined {
  const first = lineOfKey.get(itemKey);
  return first === undefined ? undefined : `has the dimension and prompt of line ${first}`;
}

function tooMany(): InvalidInputError {
  const message = `A dataset holds ${MOST_ITEMS} items at most; split the file.`;
  return new InvalidInputError([{ field: 'file', message }], 'DATASET_TOO_LARGE');
}
