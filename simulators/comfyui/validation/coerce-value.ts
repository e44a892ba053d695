import { PythonError } from '../python-error.js';

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const namedFloats: Record<string, number> = { nan: NaN, inf: Infinity, infinity: Infinity };

/** Turns a widget value into its input's type in the way of Python's int(), float(), str() and bool(). */
export function coerceValue(type: unknown, value: unknown): unknown {
  if (type === 'INT') return toInt(value);
  if (type === 'FLOAT') return toFloat(value);
  if (type === 'STRING') return toText(value);
  if (type === 'BOOLEAN') return toBool(value);
  return value;
}

function toInt(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value.trim())) return Number(value.trim());
  if (typeof value === 'string') {
    throw new PythonError('ValueError', `invalid literal for int() with base 10: '${value}'`);
  }
  throw new PythonError('TypeError', 'int() argument must be a string, a bytes-like object or a real number');
}

export function toFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string')
    throw new PythonError('TypeError', 'float() argument must be a string or a real number');
  const text = value.trim().toLowerCase();
  if (decimal.test(text)) return Number(text);
  const named = namedFloats[text.replace(/^[+-]/, '')];
  if (named === undefined) throw new PythonError('ValueError', `could not convert string to float: '${value}'`);
  return text.startsWith('-') ? -named : named;
}

export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function toBool(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
