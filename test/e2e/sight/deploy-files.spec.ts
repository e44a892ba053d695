import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { parseExposition } from '../../support/exposition.js';
import { Installation, waitUntilOver } from '../../support/installation.js';
import { waitFor } from '../../support/wait-for.js';

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const TOKEN = 'a token of forty characters, all of them';
/** Which Prometheus makes of every scrape itself. */
const BUILT_IN = new Set(['up']);
/** What Grafana puts in before it asks. */
const fill = (expr: string) => expr.replaceAll('$__rate_interval', '5m');

const dashboard = JSON.parse(readFileSync('deploy/grafana/comfyui-web-service.json', 'utf8')) as { panels: Panel[] };
const alerts = parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] };
const operations = readFileSync('docs/operations.md', 'utf8');
const rules = alerts.groups.flatMap((group) => group.rules);
const queries = [
  ...rules.map(({ alert, expr }) => ({ of: `alert ${alert}`, expr })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: `panel ${title}`, expr }))),
];

/** Names of metrics in an expression, or what is wrong with it. */
function readPromQl(expr: string): { errors: string[]; metrics: string[]; labels: string[] } {
  const text = fill(expr);
  const found = { errors: [] as string[], metrics: [] as string[], labels: [] as string[] };
  parser.parse(text).iterate({
    enter: ({ name, from, to, type, node }) => {
      if (type.isError) found.errors.push(`at ${from}: ${text.slice(from, from + 20)}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') found.metrics.push(text.slice(from, to));
      if (name === 'LabelName') found.labels.push(text.slice(from, to));
    },
  });
  return found;
}

describe('dashboard and alerts (real: the whole application)', () => {
  let installation: Installation;
  let names: Set<string>;
  let labels: Set<string>;

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }], { metrics: { token: TOKEN }, jobs: { enabled: true } });
    const client = await installation.signIn('alice');
    await waitUntilOver(client, [await client.submit({ prompt: 'a cat', width: 64, height: 64 })]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const scrape = async () => {
      const { series } = parseExposition(await (await fetch(`${installation.app.url}/metrics`, { headers })).text());
      names = new Set(series.map(({ name }) => name));
      labels = new Set(series.flatMap((each) => Object.keys(each.labels)));
      return names.has('cws_job_last_success_timestamp_seconds') && names.has('cws_node_state');
    };
    await waitFor(scrape, { what: 'a job that ran' });
  });

  afterAll(() => installation.stop());

  it('hold panels and rules', () => {
    expect(queries.length).toBeGreaterThan(50);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(queries)('$of asks in PromQL for what there is: $expr', ({ expr }) => {
    const { errors, metrics, labels: asked } = readPromQl(expr);
    expect(errors).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((name) => !BUILT_IN.has(name) && !names.has(name))).toEqual([]);
    // Prometheus adds these two to every series.
    expect(asked.filter((label) => !['instance', 'job'].includes(label) && !labels.has(label))).toEqual([]);
  });

  it.each([
    ['sum(rate(cws_tasks_settled_total[5m])', 'a bracket too few'],
    ['cws_tasks{status=}', 'no value'],
    ['cws_tasks >> 1', 'no such operator'],
  ])('would notice that %s has %s', (expr) => {
    expect(readPromQl(expr).errors).not.toEqual([]);
  });

  it.each(rules)('$alert says what is wrong and where to read on', (rule) => {
    expect(rule.annotations.summary).toMatch(/^\S.*\.$/);
    expect(rule.for).toMatch(/^\d+[mh]$/);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(rule.annotations.runbook).toBe('docs/operations.md#alerts');
    expect(operations).toContain(`\n- **${rule.alert}**`);
  });
});
