import type { SqlValue } from './database.js';

/** A part of a statement, and what it is filled with. */
export interface SqlPart {
  sql: string;
  values: SqlValue[];
}

/** `column = …` over several rows, to compare or to set: each row's own value, in the order of its key in `keys`. */
export function perRow(column: string, by: { key: string; keys: string[] | number[] }, values: SqlValue[]): SqlPart {
  const [first] = values;
  if (values.every((value) => value === first)) return { sql: `${column} = ?`, values: [first] };
  return { sql: `${column} = ELT(FIELD(${by.key}, ?), ?)`, values: [by.keys, values] };
}
