import { DataSource } from 'typeorm';
import { adminDataSourceOptions } from '../../ormconfig/admin.js';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { NodesService } from '../../src/admin/index.js';
import { ClientUsersService } from '../../src/client/index.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { PASSWORD, QUICK } from '../support/installation.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { SeparateProcess } from '../support/separate-process.js';
import { startServices } from '../support/start-services.js';
import { SteadySubmits } from '../support/steady-submits.js';
import { waitFor } from '../support/wait-for.js';

/** How many minutes both processes work: one by default, as many as a proof is told. */
const MINUTES = Number(process.env.PROVE_ROUNDS ?? 1);
const MINUTE_MS = 60_000;
const USER = { username: 'alice', password: PASSWORD };
const STATISTICS = 'hourly-statistics';
const RUN_OF_MINUTE = 'performance-metrics';
const counted: string[] = [];

// The counts that a proof is about.
afterAll(() => process.stderr.write(`${counted.join('\n')}\n`));

describe('minutes and hours of two processes, one killed on the way (real: both programs, MariaDB)', () => {
  let server: ScratchServer;
  let admin: DataSource;
  let shared: DataSource;
  const simulators = [1, 2].map(() => new ComfySimulator({ stepMs: 20 }));
  const processes: SeparateProcess[] = [];

  beforeAll(async () => {
    const log = { level: 'warn' };
    server = await startScratchServer({ overrides: { ...QUICK, log, jobs: { enabled: true } } });
    admin = await new DataSource(adminDataSourceOptions(server.settings)).initialize();
    shared = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
    const services = await startServices(server, { auth: { defaultQuota: 1_000_000 } });
    await services.get(ClientUsersService).createIfAbsent(USER);
    for (const [index, simulator] of simulators.entries()) {
      const { url } = await simulator.start();
      await services.get(NodesService).register({ nodeId: `sim-${index}`, name: 'sim', url, maxConcurrent: 2 });
    }
    await services.close();
    for (const place of [0, 1]) processes[place] = await SeparateProcess.start(server.settings);
  });

  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await admin.destroy();
    await shared.destroy();
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    await server.stop();
  });

  const minuteNow = () => Math.floor(Date.now() / MINUTE_MS);

  /** Kills a process while it samples a minute (or where it was too quick for us, right after), and starts another. */
  async function killWhileItSamples(place: number): Promise<void> {
    const seconds = () => (Date.now() % MINUTE_MS) / 1_000;
    await waitFor(() => seconds() >= 5 && seconds() < 8, { timeoutMs: 2 * MINUTE_MS, everyMs: 5, what: 'a sampling' });
    processes[place]!.signal('SIGKILL');
    await processes[place]!.ended;
    processes[place] = await SeparateProcess.start(server.settings);
  }

  async function workAndKill(): Promise<string[]> {
    const startedAt = minuteNow();
    const submits = new SteadySubmits(() => processes.flatMap(({ url }) => url ?? []), USER, 200);
    const until = startedAt + MINUTES;
    for (let kills = 0; minuteNow() < until; kills += 1) {
      await killWhileItSamples(kills % 2);
      counted.push(`killed and started again: process ${(kills % 2) + 1}`);
      // Two whole minutes between two kills, or until the end.
      const next = Math.min(until, minuteNow() + 2);
      await waitFor(() => minuteNow() >= next, { timeoutMs: 3 * MINUTE_MS, everyMs: 500, what: 'the next minutes' });
    }
    const taskIds = await submits.stop();
    counted.push(
      `${taskIds.length} tasks submitted; ${submits.refused} were refused (the last: ${submits.lastRefusal})`,
    );
    return taskIds;
  }

  async function waitForTheEnd(taskIds: string[]): Promise<void> {
    const countOpen = async () =>
      (await shared.query<unknown[]>(`SELECT 1 FROM global_tasks WHERE status IN ('queued', 'processing')`)).length;
    const countAll = async () => (await shared.query<unknown[]>('SELECT 1 FROM global_tasks')).length;
    const isOver = async () => (await countAll()) >= taskIds.length && (await countOpen()) === 0;
    await waitFor(isOver, { timeoutMs: 2 * MINUTE_MS, everyMs: 500, what: 'the end of all tasks' });
    // The last minute in which a task ended is over, and sampled.
    const last = minuteNow() + 1;
    await waitFor(async () => (await minutes()).some((minute) => minute >= last), {
      ...{ timeoutMs: 2 * MINUTE_MS, everyMs: 500 },
      what: 'the samples of the last minute',
    });
  }

  async function minutes(): Promise<number[]> {
    const rows = await admin.query<{ recordedAt: Date }[]>(
      `SELECT recorded_at AS recordedAt FROM metric_minutes WHERE source = 'installation' ORDER BY recorded_at`,
    );
    return rows.map(({ recordedAt }) => recordedAt.getTime() / MINUTE_MS);
  }

  it(
    'exist exactly once, and say what the rows say',
    async () => {
      const taskIds = await workAndKill();
      await waitForTheEnd(taskIds);
      await expectEachMinuteOnce();
      await expectCountsOfRows();
      await expectEachRunOnce();
      await expectEachHourOnce();
      expect(taskIds.length).toBeGreaterThan(0);
    },
    (MINUTES + 8) * MINUTE_MS,
  );

  async function expectEachMinuteOnce(): Promise<void> {
    const sampled = await minutes();
    const all = Array.from({ length: sampled.at(-1)! - sampled[0]! + 1 }, (_, index) => sampled[0]! + index);
    expect(sampled).toEqual(all);
    expect(sampled.length).toBeGreaterThan(MINUTES);
    const twice = await admin.query<unknown[]>(
      `SELECT recorded_at, metric_type, metric_name, CAST(tags AS CHAR) AS tags, node_id, COUNT(*) AS samples
       FROM performance_metrics GROUP BY 1, 2, 3, 4, 5 HAVING samples <> 1`,
    );
    expect(twice).toEqual([]);
    const ofMinutes = await admin.query<{ recorded: string; nodes: string }[]>(
      `SELECT SUM(metric_type = 'task' AND metric_name = 'settled') AS recorded, SUM(metric_name = 'load') AS nodes
       FROM performance_metrics WHERE metric_type <> 'api' GROUP BY recorded_at`,
    );
    // Whole: three ends, and a load of each of the two nodes.
    expect(ofMinutes.map(({ recorded, nodes }) => [Number(recorded), Number(nodes)])).toEqual(all.map(() => [3, 2]));
    counted.push(`${sampled.length} minutes, each sampled once`);
  }

  /** The rows know each task's end: the samples of the minutes add up to them. */
  async function expectCountsOfRows(): Promise<void> {
    const samples = await admin.query<{ at: string; tasks: string }[]>(
      `SELECT UNIX_TIMESTAMP(recorded_at) DIV 60 AS at, metric_value AS tasks FROM performance_metrics
       WHERE metric_name = 'settled' AND JSON_VALUE(tags, '$.status') = 'completed' AND metric_value > 0 ORDER BY at`,
    );
    const rows = await shared.query<{ at: string; tasks: string }[]>(
      `SELECT UNIX_TIMESTAMP(completed_at) DIV 60 + 1 AS at, COUNT(*) AS tasks FROM global_tasks
       WHERE status = 'completed' GROUP BY at ORDER BY at`,
    );
    const numbers = (counts: { at: string; tasks: string }[]) => counts.map(({ at, tasks }) => [+at, +tasks]);
    expect(numbers(samples)).toEqual(numbers(rows));
  }

  async function expectEachRunOnce(): Promise<void> {
    const twice = await admin.query<unknown[]>(
      'SELECT job_name, run_key, COUNT(*) AS runs FROM job_runs GROUP BY job_name, run_key HAVING runs <> 1',
    );
    expect(twice).toEqual([]);
    const runs = await admin.query<{ runKey: string; status: string }[]>(
      `SELECT run_key AS runKey, status FROM job_runs WHERE job_name = ? ORDER BY run_key`,
      [RUN_OF_MINUTE],
    );
    expect(runs.filter(({ status }) => status !== 'done')).toEqual([]);
    const due = runs.map(({ runKey }) => Math.floor(new Date(runKey).getTime() / MINUTE_MS));
    expect(due).toEqual(await minutes());
    counted.push(`${runs.length} runs of ${RUN_OF_MINUTE}, each due moment once`);
  }

  /** As if all had happened an hour ago, in hours that are over; then counted by two at the same time. */
  async function expectEachHourOnce(): Promise<void> {
    const columns = ['created_at', 'queued_at', 'started_at', 'completed_at'];
    const earlier = columns.map((column) => `${column} = ${column} - INTERVAL 1 HOUR`).join(', ');
    await shared.query(`UPDATE global_tasks SET ${earlier}`);
    const pair = await Promise.all([startServices(server), startServices(server)]);
    const { signal } = new AbortController();
    const jobs = pair.map((each) => each.get(JobRunner, { strict: false }).find(STATISTICS));
    await Promise.all(jobs.map((job) => job.run({ dueAt: new Date(), signal, options: {} })));
    await Promise.all(pair.map((each) => each.close()));
    await expectStatisticsOfRows();
  }

  async function expectStatisticsOfRows(): Promise<void> {
    const twice = await shared.query<unknown[]>(
      `SELECT stat_hour, task_type, workflow_name, node_id, source_type, COUNT(*) AS found FROM hourly_statistics
       GROUP BY 1, 2, 3, 4, 5 HAVING found <> 1`,
    );
    expect(twice).toEqual([]);
    const hours = await shared.query<{ hour: Date; completed: string; failed: string }[]>(
      `SELECT stat_hour AS hour, SUM(completed) AS completed, SUM(failed) AS failed FROM hourly_statistics
       GROUP BY stat_hour ORDER BY stat_hour`,
    );
    for (const { hour, completed, failed } of hours) {
      const [rows] = await shared.query<{ completed: string; failed: string }[]>(
        `SELECT COALESCE(SUM(status = 'completed'), 0) AS completed, COALESCE(SUM(status = 'failed'), 0) AS failed
         FROM global_tasks WHERE completed_at >= ? AND completed_at < ? + INTERVAL 1 HOUR`,
        [hour, hour],
      );
      expect([hour, completed, failed].map(String)).toEqual([hour, rows!.completed, rows!.failed].map(String));
    }
    expect(hours.reduce((sum, { completed }) => sum + Number(completed), 0)).toBeGreaterThan(0);
    counted.push(`${hours.length} hours of statistics, each once and equal to a count of the rows`);
  }
});
