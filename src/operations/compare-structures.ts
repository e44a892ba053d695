import type { StructureItem } from './read-structure.js';

/** One line for each difference between what is there and what the migrations make; none where both are the same. */
export function compareStructures(database: string, live: StructureItem[], shadow: StructureItem[]): string[] {
  const liveItems = byKey(live);
  const shadowItems = byKey(shadow);
  const found = [
    ...live.filter((item) => !shadowItems.has(key(item))).map((item) => ({ item, text: 'unknown to the migrations' })),
    ...shadow.filter((item) => !liveItems.has(key(item))).map((item) => ({ item, text: 'missing' })),
    ...live.flatMap((item) => compareFields(item, shadowItems.get(key(item)))),
    ...compareOrders(live, shadow),
  ];
  return found
    .filter(({ item }) => item.kind === 'table' || (hasTable(liveItems, item) && hasTable(shadowItems, item)))
    .map(({ item, text }) => `${database}.${describe(item)}: ${text}`)
    .sort();
}

interface Difference {
  item: StructureItem;
  text: string;
}

function compareFields(item: StructureItem, expected: StructureItem | undefined): Difference[] {
  if (!expected) return [];
  return Object.entries(item.fields)
    .filter(([field, value]) => value !== expected.fields[field])
    .map(([field, value]) => ({
      item,
      text: `${field} ${show(value)}, by the migrations ${show(expected.fields[field])}`,
    }));
}

/** Of the columns that both sides have: a missing one must not count as a change of all that stand behind it. */
function compareOrders(live: StructureItem[], shadow: StructureItem[]): Difference[] {
  return live
    .filter(({ kind }) => kind === 'table')
    .flatMap((item) => {
      const there = columnsOf(live, item.table);
      const expected = columnsOf(shadow, item.table).filter((column) => there.includes(column));
      const common = there.filter((column) => expected.includes(column));
      const at = common.findIndex((column, index) => column !== expected[index]);
      const text = `column ${common[at]} stands where the migrations have ${expected[at]}`;
      return at === -1 ? [] : [{ item, text }];
    });
}

function columnsOf(items: StructureItem[], table: string): string[] {
  return items.filter((item) => item.kind === 'column' && item.table === table).map(({ name }) => name);
}

function byKey(items: StructureItem[]): Map<string, StructureItem> {
  return new Map(items.map((item) => [key(item), item]));
}

function hasTable(items: Map<string, StructureItem>, { table }: StructureItem): boolean {
  return items.has(key({ kind: 'table', table, name: table }));
}

function key({ kind, table, name }: Pick<StructureItem, 'kind' | 'table' | 'name'>): string {
  return JSON.stringify([kind, table, name]);
}

function describe({ kind, table, name }: StructureItem): string {
  if (kind === 'table') return table;
  return kind === 'column' ? `${table}.${name}` : `${table}, ${kind} ${name}`;
}

/** Nothing at all and an empty text differ: the first is a column without a default. */
function show(value: string | null | undefined): string {
  if (value === '') return 'empty';
  return value ?? 'none';
}
