import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RowDataPacket } from 'mysql2/promise';
import { median } from '../load.js';
import type { Report } from '../report.js';
import type { BenchEvaluations } from './bench-evaluations.js';
import type { Written } from './log-writer.js';

const ROWS = 100_000;
const ROUNDS = 3;
const GOAL = 1.3;
const MEMORY_GOAL_MIB = 200;

const run = promisify(execFile);

/** Inserts of the product beside LOAD DATA LOCAL of the same rows into the same, empty table, in turns. */
export async function measureLogInsert({ databases, sql }: BenchEvaluations, report: Report): Promise<void> {
  console.log(`${ROWS} log rows into the database`);
  const settingsFile = await databases.writeSettings();
  const write = async (way: 'product' | 'load-data'): Promise<Written> => {
    await sql.query('TRUNCATE TABLE task_flames_logs');
    const { stdout } = await run(process.execPath, ['dist/bench/flames/log-writer.js', way, String(ROWS)], {
      env: { PATH: process.env.PATH, CONFIG_FILE: settingsFile },
    });
    const [[found]] = await sql.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM task_flames_logs');
    if (Number(found!.n) !== ROWS) throw new Error(`${way} wrote ${found!.n} rows instead of ${ROWS}.`);
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Written;
  };
  const ours: Written[] = [];
  const yardstick: Written[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await write('product'));
    yardstick.push(await write('load-data'));
  }
  await sql.query('TRUNCATE TABLE task_flames_logs');
  const perSecond = (all: Written[]) => median(all.map(({ tookMs }) => (ROWS * 1_000) / tookMs));
  const ratio = median(ours.map(({ tookMs }, index) => yardstick[index]!.tookMs / tookMs));
  report.add('LOAD DATA LOCAL of the rows', perSecond(yardstick), { unit: 'rows/s' });
  report.add('insertTaskLogs, 500 at a time', perSecond(ours), { unit: 'rows/s' });
  report.add(`ratio to it (medians of ${ROUNDS} runs in turn)`, ratio, { unit: '×', goal: GOAL, best: 'high' });
  const peak = (all: Written[]) => Math.max(...all.map(({ peakMib }) => peakMib));
  const grown = Math.max(...ours.map(({ peakMib, startMib }) => peakMib - startMib));
  report.add('its process at its peak, over the start', grown, { unit: 'MiB', goal: MEMORY_GOAL_MIB, best: 'low' });
  report.add('in all, the idle program included', peak(ours), { unit: 'MiB', goal: MEMORY_GOAL_MIB, best: 'low' });
  report.add('the process of LOAD DATA in all, a bare script', peak(yardstick), { unit: 'MiB' });
}
