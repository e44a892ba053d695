/** One series of a scrape: its name, its labels, its value. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  /** By the name of the metric: of a histogram without `_bucket`, `_sum`, `_count`. */
  help: Map<string, string>;
  types: Map<string, string>;
  series: Series[];
}

const LINE = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;
const ABBREVIATIONS = /_(s|ms|us|ns|sec|b|kb|mb|gb|tb|pb|m|h|d)(_|$)/;
const OTHER_UNITS =
  /(^|_)(milliseconds|microseconds|nanoseconds|minutes|hours|days|kilobytes|megabytes|gigabytes|percent|percents)(_|$)/;

/** Reads Prometheus' text format; throws at what is not of it. */
export function parseExposition(text: string): Exposition {
  const found: Exposition = { help: new Map(), types: new Map(), series: [] };
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === undefined) found.series.push(parseSeries(line));
    else (kind === 'HELP' ? found.help : found.types).set(name!, rest!);
  }
  return found;
}

function parseSeries(line: string): Series {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a series: ${line}`);
  const pairs = [...labels.matchAll(LABEL)];
  if (pairs.map(([pair]) => pair).join('') !== labels) throw new Error(`not labels: ${labels}`);
  const number = value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value);
  if (Number.isNaN(number) && value !== 'NaN' && value !== 'Nan') throw new Error(`not a number: ${line}`);
  return { name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: number };
}

/** What promtool's `check metrics` would complain of, and what Prometheus would refuse to take in. */
export function lintExposition(text: string): string[] {
  const exposition = parseExposition(text);
  return [...lintNames(exposition), ...lintSeries(exposition), ...lintHistograms(exposition)];
}

/** The metric that a series is of. */
export function metricOf({ name }: Series, types: Map<string, string>): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return ['histogram', 'summary'].includes(types.get(base) ?? '') ? base : name;
}

function lintNames({ help, types }: Exposition): string[] {
  return [...new Set([...help.keys(), ...types.keys()])].flatMap((name) => {
    const type = types.get(name);
    return [
      ...(help.get(name) ? [] : [`${name} has no help`]),
      ...(type ? [] : [`${name} has no type`]),
      ...(type === 'counter' && !name.endsWith('_total') ? [`${name} is a counter without _total`] : []),
      ...(type !== 'counter' && name.endsWith('_total') ? [`${name} is no counter but ends in _total`] : []),
      ...(type !== 'histogram' && /_(bucket|sum|count)$/.test(name) ? [`${name} has an ending of histograms`] : []),
      ...(ABBREVIATIONS.test(name) ? [`${name} abbreviates its unit`] : []),
      ...(OTHER_UNITS.test(name) ? [`${name} is not in a base unit`] : []),
      ...(/[A-Z]/.test(name) ? [`${name} is not in lower case`] : []),
      ...(name.includes(':') ? [`${name} has a colon, as only recording rules have`] : []),
      ...(/_(gauge|counter|histogram|summary)(_|$)/.test(name) ? [`${name} names its type`] : []),
    ];
  });
}

function lintSeries({ types, series }: Exposition): string[] {
  const seen = new Set<string>();
  return series.flatMap((each) => {
    const key = JSON.stringify([each.name, Object.entries(each.labels).sort()]);
    const problems = [
      ...(types.has(metricOf(each, types)) ? [] : [`${each.name} has no type`]),
      ...(seen.has(key) ? [`${key} is there twice`] : []),
    ];
    seen.add(key);
    return problems;
  });
}

function lintHistograms({ types, series }: Exposition): string[] {
  const names = [...types].filter(([, type]) => type === 'histogram').map(([name]) => name);
  return names.flatMap((name) => {
    const groups = new Map<string, Series[]>();
    for (const each of series.filter((one) => one.name === `${name}_bucket`)) {
      const key = JSON.stringify(withoutBound(each));
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    return [...groups].flatMap(([labels, buckets]) => lintBuckets(`${name} ${labels}`, buckets, series));
  });
}

function lintBuckets(what: string, buckets: Series[], series: Series[]): string[] {
  const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Infinity : Number(labels.le)));
  const labels = withoutBound(buckets[0]!);
  const name = buckets[0]!.name.replace(/_bucket$/, '_count');
  const isOf = (each: Series) => each.name === name && JSON.stringify(withoutBound(each)) === JSON.stringify(labels);
  const count = series.find(isOf);
  return [
    ...(bounds.at(-1) === Infinity ? [] : [`${what} has no +Inf`]),
    ...(bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!) ? [] : [`${what} is not in order`]),
    ...(buckets.every(({ value }, index) => index === 0 || value >= buckets[index - 1]!.value)
      ? []
      : [`${what} is not cumulative`]),
    ...(count?.value === buckets.at(-1)!.value ? [] : [`${what} counts other than its last bucket`]),
  ];
}

function withoutBound({ labels }: Series): [string, string][] {
  return Object.entries(labels)
    .filter(([label]) => label !== 'le')
    .sort();
}
