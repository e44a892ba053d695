import { PythonError } from '../python-error.js';
import type { InputConfig, NodeClass } from '../nodes/node-class.js';
import { coerceValue, toText } from './coerce-value.js';

/** What is wrong with one input of a node, before it is put into the form of an answer. */
export interface InputFault {
  type: string;
  message: string;
  details?: string;
  /** Between the input's name and the details. */
  separator?: string;
  received?: unknown;
  extra?: Record<string, unknown>;
  withoutConfig?: boolean;
  hidesConfig?: boolean;
}

/** Above this many choices an answer does not repeat the list. */
const longListLength = 20;

/** Coerces a widget value in place and checks it against range and choices. */
export function checkValue(
  nodeClass: NodeClass,
  name: string,
  [type, options]: InputConfig,
  inputs: Record<string, unknown>,
): InputFault | undefined {
  const raw = unwrap(inputs[name]);
  inputs[name] = raw;
  let value: unknown;
  try {
    value = coerceValue(type, raw);
  } catch (thrown) {
    return conversionFault(String(type), raw, PythonError.from(thrown));
  }
  inputs[name] = value;
  if (nodeClass.checks?.[name]) return undefined;
  return rangeFault(value, options.min, options.max) ?? choiceFault(value, type);
}

/** `{"__value__": [...]}` is how a client sends a list that is no link. */
function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '__value__' in value ? value.__value__ : value;
}

function conversionFault(type: string, received: unknown, { message }: PythonError): InputFault {
  return {
    type: 'invalid_input_type',
    message: `Failed to convert an input value to a ${type} value`,
    details: `${toText(received)}, ${message}`,
    received,
    extra: { exception_message: message },
  };
}

function rangeFault(value: unknown, min = -Infinity, max = Infinity): InputFault | undefined {
  if (typeof value !== 'number') return undefined;
  // NaN passes both comparisons, in Python as here.
  if (value < min)
    return { type: 'value_smaller_than_min', message: `Value ${value} smaller than min of ${min}`, received: value };
  if (value > max)
    return { type: 'value_bigger_than_max', message: `Value ${value} bigger than max of ${max}`, received: value };
  return undefined;
}

function choiceFault(value: unknown, type: InputConfig[0]): InputFault | undefined {
  if (typeof type === 'string' || type.some((choice) => choice === value)) return undefined;
  const isLong = type.length > longListLength;
  const listed = isLong ? `(list of length ${type.length})` : `[${type.map((choice) => `'${choice}'`).join(', ')}]`;
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `'${toText(value)}' not in ${listed}`,
    separator: ': ',
    received: value,
    hidesConfig: isLong,
  };
}
