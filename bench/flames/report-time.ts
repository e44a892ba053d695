import type { Connection } from 'mysql2/promise';
import { DIMENSIONS } from '../../src/flames/dimensions.js';
import { TaskLogsService } from '../../src/flames/index.js';
import { median } from '../load.js';
import { monotonicMs, percentile, type Report } from '../report.js';
import type { BenchEvaluations } from './bench-evaluations.js';
import { copyInBlocks, fillTask, fillTasks, nameOfTask } from './made-logs.js';

const LARGE_TASK = 'large';
const LARGE_ROWS = 100_000;
const TASK_ROWS = 1_000;
const LOOKS = 200;
const OLD_LOOKS = 5;
const GOAL_MS = 10;

/** The ten rows of each dimension that a report shows, of tasks among many; beside the indexes of old installations. */
export async function measureReport({ sql, services }: BenchEvaluations, report: Report, rows: number): Promise<void> {
  console.log(`reports among ${rows} log rows`);
  const startedMs = monotonicMs();
  const tasks = Math.round((rows - 2 * LARGE_ROWS) / TASK_ROWS);
  await fillTask(sql, 'mixed', LARGE_ROWS);
  await copyInBlocks(sql, 'mixed', LARGE_TASK);
  await fillTasks(sql, tasks);
  console.log(`  (made in ${((monotonicMs() - startedMs) / 1_000).toFixed(0)} s)`);
  const logs = services.get(TaskLogsService);
  const look = (taskId: string) => timed(async () => (await logs.getTaskLogs(taskId)).logs.length);
  const spread = (index: number) => nameOfTask(Math.floor(((index * 0.618) % 1) * tasks));
  await look(nameOfTask(0));
  const small: number[] = [];
  for (let index = 1; index <= LOOKS; index += 1) small.push(await look(spread(index)));
  const large: number[] = [];
  for (let index = 0; index < LOOKS; index += 1) large.push(await look(LARGE_TASK));
  const among = `among ${rows / 1_000_000} million`;
  report.add(`report of a task of 1,000 rows ${among}, median of ${LOOKS} tasks`, median(small), goal());
  report.add('p99 of them, most read for the first time', percentile(small, 0.99), { unit: 'ms' });
  report.add(`report of a task of ${LARGE_ROWS} rows ${among}, median`, median(large), goal());
  await measureOldIndexes(sql, report, [nameOfTask(Math.floor(tasks / 2)), LARGE_TASK]);
}

const goal = () => ({ unit: 'ms', goal: GOAL_MS, best: 'low' as const });

/** One index on the task, one on the dimension. */
async function measureOldIndexes(sql: Connection, report: Report, [small, large]: string[]): Promise<void> {
  await sql.query('ALTER TABLE task_flames_logs ADD KEY old_task (task_id), ADD KEY old_dimension (dimension)');
  const branch = `(SELECT id, dimension, predicted, prompt, response FROM task_flames_logs
    IGNORE INDEX (ix_task_flames_logs_task_id_dimension_id, uq_task_flames_logs_task_id_item_key_repeat_no)
    WHERE task_id = ? AND dimension = ? ORDER BY id LIMIT 10)`;
  const look = (taskId: string) =>
    timed(async () => {
      const values = DIMENSIONS.flatMap((dimension) => [taskId, dimension]);
      const [rows] = await sql.query(DIMENSIONS.map(() => branch).join(' UNION ALL '), values);
      return (rows as unknown[]).length;
    });
  const took = async (taskId: string) => {
    const times: number[] = [];
    for (let index = 0; index < OLD_LOOKS; index += 1) times.push(await look(taskId));
    return median(times);
  };
  report.add('the same by the old indexes, task of 1,000 rows', await took(small!), { unit: 'ms' });
  report.add(`the same by the old indexes, task of ${LARGE_ROWS} rows`, await took(large!), { unit: 'ms' });
  await sql.query('TRUNCATE TABLE task_flames_logs');
  await sql.query('ALTER TABLE task_flames_logs DROP KEY old_task, DROP KEY old_dimension');
}

/** How long it took; throws where it did not bring ten rows of each dimension. */
async function timed(look: () => Promise<number>): Promise<number> {
  const startedMs = monotonicMs();
  const found = await look();
  const tookMs = monotonicMs() - startedMs;
  if (found !== 10 * DIMENSIONS.length) throw new Error(`A report brought ${found} rows.`);
  return tookMs;
}
