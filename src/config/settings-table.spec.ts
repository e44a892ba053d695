import { readFileSync } from 'node:fs';
import { leaves, snakeCase, variablesOf } from './load-settings.js';
import { SettingsSchema } from './settings.schema.js';

interface Row {
  key: string;
  variables: string[];
  default: string;
}

const DATABASES = ['client', 'admin', 'shared', 'flames'];
const UNITS: Record<string, string> = {
  ms: 'ms',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  days: 'days',
  bytes: 'bytes',
};

function show(key: string, value: unknown): string {
  const values = [value].flat();
  if (values.length === 0) return 'none';
  if (value === '') return 'empty';
  const unit = typeof values[0] === 'number' && UNITS[/_([a-z]+)(?:\.[a-z]+)?$/.exec(key)?.[1] ?? ''];
  return `${values.join(', ')}${unit ? ` ${unit}` : ''}`;
}

/** Every setting of the schema, one a row, and one for the four databases where they have the same. */
function expectedRows(): Row[] {
  const settings = [...leaves(SettingsSchema.parse({}))].map(([path, value]) => {
    const key = path.map(snakeCase).join('.');
    return { key, variables: variablesOf(path), default: show(key, value) };
  });
  const isOfDatabase = ({ key }: Row) => DATABASES.some((name) => key.startsWith(`mysql.${name}.`));
  const shared = settings.filter(({ key }) => key.startsWith('mysql.client.'));
  return [...settings.filter((row) => !isOfDatabase(row)), ...shared.map((row) => ofAllDatabases(row, settings))];
}

function ofAllDatabases({ key, variables }: Row, settings: Row[]): Row {
  const defaults = DATABASES.map((name) => {
    const own = settings.find((row) => row.key === key.replace('client', name))!;
    return { name, value: own.default };
  });
  const [first, ...others] = defaults;
  const isAlike = others.every(({ value }) => value === first!.value);
  return {
    key: key.replace('client', '<db>'),
    variables: variables.map((variable) => variable.replace('CLIENT', '<DB>')),
    default: isAlike ? first!.value : defaults.map(({ name, value }) => `${name} ${value}`).join(', '),
  };
}

/** The rows of the table under "Settings", without the marks of code. */
function rowsOfTable(): (Row & { meaning: string })[] {
  const section = readFileSync('docs/operations.md', 'utf8').split('\n## Settings\n')[1]!.split('\n## ')[0]!;
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => {
    const cells = line.replaceAll('`', '').split('|');
    const [key, variables, value, meaning] = cells.slice(1).map((cell) => cell.trim());
    return { key: key!, variables: variables!.split(', '), default: value!, meaning: meaning! };
  });
}

const byKey = (a: Row, b: Row) => a.key.localeCompare(b.key);

describe('the table of settings in docs/operations.md', () => {
  it('has one row for each setting with its variables and its default, and no others', () => {
    const rows = rowsOfTable().map(({ meaning: _, ...row }) => row);
    expect(rows.sort(byKey)).toEqual(expectedRows().sort(byKey));
  });

  it('says what each of them is', () => {
    expect(rowsOfTable().filter(({ meaning }) => meaning === '')).toEqual([]);
  });
});
