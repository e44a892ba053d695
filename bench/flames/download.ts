import { readFileSync, writeFileSync } from 'node:fs';
import { median } from '../load.js';
import { monotonicMs, type Report } from '../report.js';
import type { BenchEvaluations } from './bench-evaluations.js';
import { fillTask } from './made-logs.js';

const ROWS = 100_000;
const ROUNDS = 5;
const TASK = 'downloaded';
const TIME_GOAL = 1;
const MEMORY_GOAL = 0.35;

/** One side of the comparison, in a process of its own. */
interface Side {
  url: string;
  pid: number;
  headers: Record<string, string>;
  idleMib: number;
  times: number[];
}

/** The `.log` download over HTTP from the real program, beside a bare script that holds all of it at once. */
export async function measureDownload(evaluations: BenchEvaluations, report: Report): Promise<void> {
  console.log(`.log download of ${ROWS} rows`);
  const { sql } = evaluations;
  await sql.query('TRUNCATE TABLE task_flames_logs');
  await fillTask(sql, TASK, ROWS);
  await sql.query(
    `INSERT INTO task_flames (task_id, model_name, status, submit_time, end_time)
     VALUES (?, 'sim-chat', 'completed', NOW(3), NOW(3))`,
    [TASK],
  );
  const [ours, buffered] = await openSides(evaluations);
  const bytes = await download(ours);
  if ((await download(buffered)) !== bytes) throw new Error('The two downloads are not the same.');
  // Of a first download each; the later ones are for the time.
  const [peak, bufferedPeak] = [ours, buffered].map(({ pid }) => memoryOf(pid, 'VmHWM'));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of [ours, buffered]) await download(side);
  }
  const seconds = (side: Side) => median(side.times.slice(1)) / 1_000;
  const size = `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  report.add(`.log of ${ROWS} rows (${size}), buffered by a bare script`, seconds(buffered), { unit: 's' });
  report.add('streamed by the program', seconds(ours), { unit: 's' });
  const ratio = median(ours.times.slice(1).map((ms, index) => ms / buffered.times[index + 1]!));
  report.add(`ratio to it (medians of ${ROUNDS} runs in turn)`, ratio, { unit: '×', goal: TIME_GOAL, best: 'low' });
  report.add('peak memory, buffered', bufferedPeak!, { unit: 'MiB' });
  report.add('peak memory of the whole program', peak!, { unit: 'MiB' });
  report.add('ratio to it', peak! / bufferedPeak!, { unit: '×', goal: MEMORY_GOAL, best: 'low' });
  const grown = peak! - ours.idleMib;
  report.add('of that, what the download added to the idle program', grown, { unit: 'MiB' });
  const addedRatio = grown / (bufferedPeak! - buffered.idleMib);
  report.add('ratio of what it added', addedRatio, { unit: '×', goal: MEMORY_GOAL, best: 'low' });
  report.add(`peak of the program after ${ROUNDS + 1} downloads`, memoryOf(ours.pid, 'VmHWM'), { unit: 'MiB' });
}

async function openSides(evaluations: BenchEvaluations): Promise<[Side, Side]> {
  const { databases } = evaluations;
  const { url, authorization } = await evaluations.startProgram();
  const bufferedUrl = await databases.startBareServer('dist/bench/flames/buffered-download.js');
  const side = (address: string, path: string, headers: Record<string, string>): Side => {
    const pid = databases.pidOf(address);
    // Forgets the peak so far: the sign-in's hash is no part of a download.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return { url: `${address}${path}`, pid, headers, idleMib: memoryOf(pid, 'VmRSS'), times: [] };
  };
  return [side(url, `/api/flames/logs/${TASK}/download`, { authorization }), side(bufferedUrl, `/${TASK}`, {})];
}

/** Reads to the end and keeps nothing; returns how many bytes came. */
async function download({ url, headers, times }: Side): Promise<number> {
  const startedMs = monotonicMs();
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`A download was answered ${answer.status}: ${await answer.text()}`);
  let bytes = 0;
  for await (const piece of answer.body!) bytes += (piece as Uint8Array).length;
  times.push(monotonicMs() - startedMs);
  return bytes;
}

/** In MiB: what it holds now (VmRSS), or held at most since its peak was forgotten (VmHWM). */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kibibytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}
