import type { Database } from '../../src/database/index.js';

/** Figures by a text that names what they are of. */
export type Figures = Map<string, string>;

interface Statement {
  name: string;
  sql: string;
  values: Date[];
}

const HOUR = (column: string) => `DATE_FORMAT(${column}, '%Y-%m-%d %H')`;
const GROUP = `t.task_type, BINARY t.workflow_name, t.source_type`;
const ENDED = `t.status IN ('completed', 'failed', 'cancelled')`;

/** What the rows of tasks say, by statements that have nothing in common with those that are tested. */
export async function countPlainly(database: Database, from: Date, to: Date): Promise<Figures> {
  const figures: Figures = new Map();
  const sources: [string, string][] = [
    [
      'submitted',
      `SELECT ${HOUR('t.created_at')} h, ${GROUP}, '' node, COUNT(*) value FROM global_tasks t
       WHERE t.created_at >= ? AND t.created_at < ? GROUP BY 1, 2, 3, 4`,
    ],
    ...['completed', 'failed', 'cancelled'].map((status): [string, string] => [
      status,
      `SELECT ${HOUR('t.completed_at')} h, ${GROUP}, IFNULL(t.node_id, '') node, COUNT(*) value FROM global_tasks t
       WHERE t.completed_at >= ? AND t.completed_at < ? AND t.status = '${status}' GROUP BY 1, 2, 3, 4, 5`,
    ]),
    ...(
      [
        ['wait_ms_total', 'UNIX_TIMESTAMP(t.started_at) - UNIX_TIMESTAMP(t.queued_at)'],
        ['run_ms_total', 'UNIX_TIMESTAMP(t.completed_at) - UNIX_TIMESTAMP(t.started_at)'],
      ] as const
    ).map(([name, seconds]): [string, string] => [
      name,
      `SELECT ${HOUR('t.completed_at')} h, ${GROUP}, IFNULL(t.node_id, '') node, ROUND(SUM(${seconds}) * 1000) value
       FROM global_tasks t WHERE t.completed_at >= ? AND t.completed_at < ? AND t.status = 'completed' GROUP BY 1, 2, 3, 4, 5`,
    ]),
    [
      'file_bytes',
      `SELECT ${HOUR('t.completed_at')} h, ${GROUP}, IFNULL(t.node_id, '') node, SUM(r.file_size) value
       FROM global_task_results r JOIN global_tasks t ON t.id = r.task_id
       WHERE r.run_no = t.run_no AND t.completed_at >= ? AND t.completed_at < ? AND ${ENDED} GROUP BY 1, 2, 3, 4, 5`,
    ],
  ];
  for (const [name, sql] of sources) await collect(database, figures, { name, sql, values: [from, to] });
  return figures;
}

/** What was counted, by the same names. */
export async function readCounted(database: Database, from: Date, to: Date): Promise<Figures> {
  const figures: Figures = new Map();
  const names = ['submitted', 'completed', 'failed', 'cancelled', 'wait_ms_total', 'run_ms_total', 'file_bytes'];
  for (const name of names)
    await collect(database, figures, {
      name,
      sql: `SELECT ${HOUR('stat_hour')} h, task_type, BINARY workflow_name, source_type, node_id node, ${name} value
       FROM hourly_statistics WHERE stat_hour >= ? AND stat_hour < ? AND ${name} <> 0`,
      values: [from, to],
    });
  return figures;
}

export function findDifferences(expected: Figures, found: Figures): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names]
    .filter((name) => expected.get(name) !== found.get(name))
    .map((name) => `${name}: ${expected.get(name)} rows say, ${found.get(name)} was counted`);
}

async function collect(database: Database, figures: Figures, { name, sql, values }: Statement): Promise<void> {
  for (const row of await database.rows<Record<string, unknown>>(sql, values)) {
    const { value, ...key } = row;
    const texts = Object.values(key).map((part) => (Buffer.isBuffer(part) ? part.toString() : String(part)));
    if (Number(value) !== 0) figures.set(`${name} of ${texts.join(' | ')}`, String(Number(value)));
  }
}
