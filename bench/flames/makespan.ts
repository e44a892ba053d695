import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { ScorerSimulator } from '../../simulators/flames-scorer/scorer-simulator.js';
import { OpenAiSimulator } from '../../simulators/openai/openai-simulator.js';
import type { RequestEntry } from '../../simulators/openai/request-log.js';
import { DIMENSIONS } from '../../src/flames/dimensions.js';
import { DatasetsService } from '../../src/flames/index.js';
import { median } from '../load.js';
import type { Report } from '../report.js';
import type { BenchEvaluations } from './bench-evaluations.js';

/** The blocks of the published set. */
const SIZES = [249, 429, 201, 46, 75];
/** `items` are as many as take about ten seconds. */
const RUNS = [
  { concurrency: 1, items: 40, rounds: 1 },
  { concurrency: 5, items: 200, rounds: 1 },
  { concurrency: 20, items: 1_000, rounds: 3, goal: 1.05 },
  { concurrency: 50, items: 1_000, rounds: 3, goal: 1.15 },
];
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 100;

interface Run {
  /** From the moment before create_task is sent to the end that the task's row tells. */
  tookMs: number;
  /** From the first request that reached the model to its last answer. */
  askedMs: number;
  /** max(sum of what the answers took / concurrency, the longest of them). */
  boundMs: number;
}

/**
 * Whole runs by the real program, models and scorer simulated: everything counts, from the request that makes the task
 * to its figures. The latencies of the bound are those that the simulator took in the same run, from a request that it
 * has read to the answer that it is about to send; a timer that fires late on a busy machine is the model's latency.
 */
export async function measureMakespan(evaluations: BenchEvaluations, report: Report): Promise<void> {
  console.log('runs of evaluations, answers of 50 to 500 ms');
  const stage = await ModelStage.start(evaluations);
  try {
    for (const { concurrency, items, rounds, goal } of RUNS) {
      const runs: Run[] = [];
      for (let round = 0; round < rounds; round += 1) runs.push(await stage.run(concurrency, items));
      const times = (value: (run: Run) => number) => median(runs.map(value));
      const what = `${items} prompts, ${concurrency} at once`;
      report.add(
        `${what}: bound`,
        times(({ boundMs }) => boundMs / 1_000),
        { unit: 's' },
      );
      report.add(
        'asking alone, to the bound',
        times((run) => run.askedMs / run.boundMs),
        { unit: '×' },
      );
      const options = goal === undefined ? { unit: '×' } : { unit: '×', goal, best: 'low' as const };
      report.add(
        `${what}: create_task to completed, to the bound`,
        times((run) => run.tookMs / run.boundMs),
        options,
      );
    }
  } finally {
    await stage.stop();
  }
}

/** The program between a simulated model and a simulated scorer, both in this process, which does nothing else. */
class ModelStage {
  private readonly logFile = join(tmpdir(), `cws-bench-model-${process.pid}.jsonl`);
  private readonly model = new OpenAiSimulator({ minLatencyMs: 50, maxLatencyMs: 500, logFile: this.logFile });
  private readonly scorer = new ScorerSimulator();
  private modelUrl = '';
  private scorerUrl = '';
  private dataset = 0;
  private program!: { url: string; authorization: string };

  private constructor(private readonly evaluations: BenchEvaluations) {}

  static async start(evaluations: BenchEvaluations): Promise<ModelStage> {
    const stage = new ModelStage(evaluations);
    [stage.modelUrl, stage.scorerUrl] = await Promise.all([stage.model.start(), stage.scorer.start()]);
    const datasets = evaluations.services.get(DatasetsService);
    const { dataset } = await datasets.import([Buffer.from(makePrompts())], { name: 'bench' });
    stage.dataset = dataset.number;
    stage.program = await evaluations.startProgram();
    // The first run of a process opens connections and compiles; it is nobody's figure.
    await stage.run(5, 20);
    return stage;
  }

  async run(concurrency: number, items: number): Promise<Run> {
    await rm(this.logFile, { force: true });
    const startedMs = Date.now();
    const taskId = await this.create(concurrency, items);
    const endedMs = await this.waitForEnd(taskId);
    const answers = await this.readAnswers();
    if (answers.length !== items) throw new Error(`The model gave ${answers.length} answers to ${items} prompts.`);
    const latencies = answers.map(({ tookMs }) => tookMs);
    const totalMs = latencies.reduce((sum, ms) => sum + ms, 0);
    const begins = answers.map(({ atMs, tookMs }) => atMs - tookMs);
    const ends = answers.map(({ atMs }) => atMs);
    return {
      tookMs: endedMs - startedMs,
      askedMs: Math.max(...ends) - Math.min(...begins),
      boundMs: Math.max(totalMs / concurrency, ...latencies),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.model.stop(), this.scorer.stop()]);
    await rm(this.logFile, { force: true });
  }

  private async create(concurrency: number, items: number): Promise<string> {
    const { url, authorization } = this.program;
    const wish = {
      ...{ model_name: 'sim-chat', ids: [this.dataset], api_site: this.modelUrl, api_key: 'sk-bench', concurrency },
      ...{ sample: items, scorer: { kind: 'flames', address: this.scorerUrl } },
    };
    const answer = await fetch(`${url}/api/flames/create_task`, {
      method: 'POST',
      body: JSON.stringify(wish),
      headers: { 'content-type': 'application/json', authorization },
    });
    if (!answer.ok) throw new Error(`create_task was answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { tasks: { task_id: string }[] }).tasks[0]!.task_id;
  }

  private async waitForEnd(taskId: string): Promise<number> {
    const giveUpMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const [[task]] = await this.evaluations.sql.query<RowDataPacket[]>(
        `SELECT status, error_message AS reason, UNIX_TIMESTAMP(end_time) * 1000 AS ended FROM task_flames
         WHERE task_id = ?`,
        [taskId],
      );
      if (task!.status === 'completed') return Number(task!.ended);
      if (task!.status === 'failed') throw new Error(`A run failed: ${task!.reason}`);
      if (Date.now() > giveUpMs) throw new Error(`A run was still ${task!.status} after ${PATIENCE_MS / 1_000} s.`);
      await delay(LOOK_EVERY_MS);
    }
  }

  private async readAnswers(): Promise<{ atMs: number; tookMs: number }[]> {
    const lines = (await readFile(this.logFile, 'utf8')).trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as RequestEntry & { at: string });
    return entries
      .filter(({ outcome }) => outcome === 'answered')
      .map(({ at, tookMs }) => ({ atMs: Date.parse(at), tookMs }));
  }
}

function makePrompts(): string {
  return DIMENSIONS.flatMap((dimension, index) =>
    Array.from({ length: SIZES[index]! }, (_, number) => {
      return `${JSON.stringify({ dimension, subcomponent: 'made', prompt: `${dimension} ${number}：这样做可以吗？` })}\n`;
    }),
  ).join('');
}
