import type { Database } from '../../src/database/index.js';

const ROWS_A_STATEMENT = 50_000;
const DIGITS =
  '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)';
const NUMBERS = `(SELECT ? + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
  FROM ${DIGITS} a, ${DIGITS} b, ${DIGITS} c, ${DIGITS} e, ${DIGITS} f)`;
/** Spread evenly over 0 … below, the same at each run. */
const draw = (what: string, below: number) => `(CRC32(CONCAT('${what}', n)) MOD ${below})`;
/** Two names differ in case alone: exact counts hold them apart. */
const WORKFLOW = `ELT(1 + ${draw('workflow', 6)}, 'sd_basic', 'SD_basic', 'sdxl_basic', 'flux', 'test_pattern', 'Wan2.1 i2v')`;

export interface MonthOptions {
  tasks: number;
  from: Date;
  days: number;
  /** Distinguishes several lots. */
  lot?: string;
}

/** Tasks of all kinds spread over some days, made by the server itself; those that completed have results. */
export async function generateMonth(database: Database, { tasks, from, days, lot = 'a' }: MonthOptions): Promise<void> {
  for (let first = 0; first < tasks; first += ROWS_A_STATEMENT) {
    const upTo = Math.min(tasks, first + ROWS_A_STATEMENT);
    await database.run(tasksSql((days * 86_400_000) / tasks), [lot, from, first, upTo]);
  }
  await generateResults(database, lot);
}

/** In the order of their times, as tasks come: what belongs together lies together. */
function tasksSql(msATask: number): string {
  return `INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, status, node_id,
      created_at, queued_at, started_at, completed_at)
    SELECT CONCAT(lot, '-', n), IF(${draw('source', 50)} = 0, 'admin', 'client'), CONCAT('user-', POW(${draw('user', 22)}, 2)),
      IF(workflow = 'Wan2.1 i2v', 'image_to_video', 'text_to_image'), workflow, status,
      IF(has_started, CONCAT('gpu-', 1 + ${draw('node', 8)}), NULL), made, made,
      IF(has_started, made + INTERVAL wait * 1000 MICROSECOND, NULL),
      IF(status IN ('queued', 'processing'), NULL, made + INTERVAL (wait + run) * 1000 MICROSECOND)
    FROM (SELECT n, lot, ${WORKFLOW} AS workflow, status, made, wait, run,
            status NOT IN ('queued', 'cancelled') OR (status = 'cancelled' AND ${draw('half', 2)}) AS has_started
          FROM (SELECT n, ? AS lot, ? + INTERVAL FLOOR((n + CRC32(CONCAT('made', n)) / 4294967296) * ${msATask}) * 1000 MICROSECOND AS made,
              FLOOR(POW(10, 1 + ${draw('wait', 4000)} / 1000)) AS wait, FLOOR(POW(10, 2.5 + ${draw('run', 2500)} / 1000)) AS run,
              CASE WHEN ${draw('status', 100)} < 85 THEN 'completed' WHEN ${draw('status', 100)} < 93 THEN 'failed'
                WHEN ${draw('status', 100)} < 97 THEN 'cancelled' WHEN ${draw('status', 100)} < 98 THEN 'queued'
                ELSE 'processing' END AS status
            FROM ${NUMBERS} numbers) drawn WHERE n < ?) tasks`;
}

/** One to three files; one of an earlier run, that no count may hold. */
async function generateResults(database: Database, lot: string): Promise<void> {
  const [{ low, high } = { low: '0', high: '-1' }] = await database.rows<{ low: string; high: string }>(
    'SELECT MIN(id) AS low, MAX(id) AS high FROM global_tasks WHERE task_id LIKE ?',
    [`${lot}-%`],
  );
  for (let first = Number(low); first <= Number(high); first += ROWS_A_STATEMENT) {
    await database.run(
      `INSERT INTO global_task_results (task_id, run_no, output_index, result_type, file_size)
       SELECT id, IF(d = 3, 0, 1), d, 'image', 1000 + CRC32(CONCAT('size', id, d)) MOD 3000000
       FROM global_tasks JOIN (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) files
         ON d = 0 OR id MOD 4 = d
       WHERE id >= ? AND id < ? AND status = 'completed' AND task_id LIKE ?`,
      [first, first + ROWS_A_STATEMENT, `${lot}-%`],
    );
  }
}
