import { z } from 'zod';
import { SettingsSchema, type Settings } from '../../config/index.js';
import type { ChangeableSetting, NumberRange } from './changeable-settings.js';

/** The types of the column `config_type`. */
export type SettingType = 'string' | 'int' | 'float' | 'boolean' | 'json';

export type ReadValue = { value: unknown; problem?: undefined } | { problem: string };

/** What a setting may hold, by the one schema of settings, without its default. */
export function schemaOf({ key, range }: ChangeableSetting): z.ZodType {
  let schema: z.ZodType = SettingsSchema;
  for (const name of pathOf(key)) {
    const inner = withoutDefault(schema);
    const found = inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>)[name] : undefined;
    if (!found) throw new Error(`settings.schema.ts has no ${key}`);
    schema = found;
  }
  const leaf = withoutDefault(schema);
  return leaf instanceof z.ZodNumber && range ? within(leaf, range) : leaf;
}

function within(schema: z.ZodNumber, { min, max, orZero }: NumberRange): z.ZodType {
  if (!orZero) return schema.min(min).max(max);
  return schema.max(max).refine((value) => value === 0 || value >= min);
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.unwrap() as z.ZodType;
  return schema;
}

/** As JSON Schema, for forms: type, enum, minimum, maximum. */
export function describeValues(setting: ChangeableSetting): Record<string, unknown> {
  const { $schema: _dialect, ...description } = z.toJSONSchema(schemaOf(setting)) as Record<string, unknown>;
  return description;
}

export function typeOf(setting: ChangeableSetting): SettingType {
  const { type } = describeValues(setting);
  if (type === 'integer') return 'int';
  if (type === 'number') return 'float';
  return type === 'boolean' || type === 'string' ? type : 'json';
}

/** A value that somebody asks for; text is not bent into a number. */
export function checkValue(setting: ChangeableSetting, value: unknown): ReadValue {
  const outcome = schemaOf(setting).safeParse(value);
  return outcome.success ? { value: outcome.data } : { problem: `it must be ${expectationOf(setting)}` };
}

/** In words, whatever is wrong: `a whole number from 1 to 100`. */
function expectationOf(setting: ChangeableSetting): string {
  const { enum: values } = describeValues(setting) as { enum?: unknown[] };
  if (values) return `one of ${values.join(', ')}`;
  const type = typeOf(setting);
  if (type === 'boolean') return 'true or false';
  if (type !== 'int' && type !== 'float') return type === 'string' ? 'a text' : 'what its schema says';
  const { range } = setting;
  const bounds = range ? ` from ${range.min} to ${range.max}` : '';
  return `${range?.orZero ? '0 or ' : ''}a ${type === 'int' ? 'whole ' : ''}number${bounds}`;
}

/** What stands in the column, perhaps written there by hand. */
export function readStored(setting: ChangeableSetting, text: string): ReadValue {
  if (typeOf(setting) === 'string') return checkValue(setting, text);
  try {
    return checkValue(setting, JSON.parse(text.toLowerCase()));
  } catch {
    // Not even a number or a boolean: told as any other wrong value.
    return { problem: 'it cannot be read' };
  }
}

export function toStored(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function valueIn(settings: Partial<Settings>, { key }: ChangeableSetting): unknown {
  return pathOf(key).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], settings);
}

export function putInto(settings: Settings, { key }: ChangeableSetting, value: unknown): void {
  const path = pathOf(key);
  const last = path.pop()!;
  const section = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], settings);
  (section as Record<string, unknown>)[last] = value;
}

function pathOf(key: string): string[] {
  return key.split('.').map((name) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
}
