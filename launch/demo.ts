import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { loadSettings, type Settings } from '../src/config/index.js';
import { ClosingStack } from './closing-stack.js';
import { DemoClient, type AdminTask, type DemoTask } from './demo-client.js';
import { makeProgressDisplay, type ProgressDisplay } from './demo-progress.js';
import { readFirstRun, type FirstRun } from './first-run.js';
import { findPortProblem } from './free-port.js';
import { explain, LaunchError } from './launch-error.js';
import { findRunningService, startService } from './service.js';

const TASKS: DemoTask[] = [
  { prompt: 'a lighthouse in a storm, oil on canvas', width: 512, height: 512, seed: 11 },
  { prompt: 'a tea house among maples, woodblock print', width: 768, height: 512, seed: 22 },
  { prompt: 'a fox asleep in the snow, watercolour', width: 512, height: 768, seed: 33 },
  { prompt: 'a harbour at dawn, long exposure', width: 832, height: 512, seed: 44 },
  { prompt: 'a greenhouse on the moon, isometric', width: 640, height: 640, seed: 55 },
  { prompt: 'a clockwork heron, ink and brass', width: 512, height: 832, seed: 66 },
  { prompt: 'terraced fields after the rain, aerial view', width: 1024, height: 512, seed: 77 },
  { prompt: 'a library without end, etching', width: 768, height: 768, seed: 88 },
];
/** A task of the simulated nodes takes seconds; a slow real node may need minutes for eight. */
const TIME_LIMIT_MS = 15 * 60_000;
const POLL_MS = 300;

/** `npm run demo [-- --out <folder>]`: eight pictures through the whole service, without a browser. */
export async function main(argv: string[]): Promise<void> {
  const opened = new ClosingStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void opened.closeAll().finally(() => process.exit(130)));
  let exitCode = 0;
  try {
    const { values } = parseArgs({ args: argv, options: { out: { type: 'string', default: 'demo-output' } } });
    await showEverything(await reachService(opened), values.out);
  } catch (error) {
    console.error(`The demo failed. ${explain(error)}`);
    exitCode = 1;
  }
  await opened.closeAll().catch((error: unknown) => {
    console.error(explain(error));
    exitCode = 1;
  });
  process.exit(exitCode);
}

async function showEverything(firstRun: FirstRun, folder: string): Promise<void> {
  const client = new DemoClient(firstRun.baseUrl);
  await client.signIn(firstRun.client.username, firstRun.client.password);
  const taskIds: string[] = [];
  for (const task of TASKS) taskIds.push(await client.submit(task));
  console.log(`${taskIds.length} tasks are submitted to ${firstRun.baseUrl}.`);
  await followToTheEnd(client, taskIds);
  const files = await savePictures(client, taskIds, folder);
  await client.signInAsAdmin(firstRun.admin.username, firstRun.admin.password);
  printTable(files, await client.listTasks());
  console.log(`${files.length} pictures are in ${folder}/`);
}

/** The service that already runs on this data folder, or one of our own for the time of the demo. */
async function reachService(opened: ClosingStack): Promise<FirstRun> {
  const settings = loadSettings({ environment: process.env });
  const running = findRunningService(settings.dataDir);
  if (running) return withSignIns(readFirstRun(settings.dataDir), settings, running);
  const { host, port } = settings.server;
  const taken = (await findPortProblem(port, host))?.code === 'EADDRINUSE';
  const overrides = {
    server: { port: taken ? 0 : port },
    log: { level: process.env.LOG_LEVEL || 'warn' },
  };
  const say = (line: string) => console.log(line);
  const service = await startService(loadSettings({ environment: process.env, overrides }), opened, say);
  say([`The service runs at ${service.url}`, ...service.facts].join('\n  '));
  return withSignIns(service.users.firstRun, settings, service.url);
}

function withSignIns(firstRun: FirstRun | undefined, { dataDir }: Settings, baseUrl: string): FirstRun {
  if (firstRun) return { ...firstRun, baseUrl };
  throw new LaunchError(
    `The demo signs in as ${join(dataDir, 'first-run.json')} says, which is not there: the users of this database were ` +
      'made before. Run the demo on a data folder of its own: DATA_DIR=.data-demo npm run demo',
  );
}

async function followToTheEnd(client: DemoClient, taskIds: string[]): Promise<void> {
  const display = makeProgressDisplay(TASKS.map(({ prompt, width, height }) => `${width}x${height} ${prompt}`));
  const deadline = performance.now() + TIME_LIMIT_MS;
  try {
    let openTasks = [...taskIds.entries()];
    while (openTasks.length > 0) {
      if (performance.now() > deadline)
        throw new LaunchError(`${openTasks.length} tasks are not done after ${TIME_LIMIT_MS / 60_000} minutes.`);
      const completed = await Promise.all(openTasks.map((task) => isCompleted(client, task, display)));
      openTasks = openTasks.filter((_, index) => !completed[index]);
      await delay(POLL_MS);
    }
  } finally {
    display.end();
  }
}

async function isCompleted(
  client: DemoClient,
  [number, taskId]: [number, string],
  display: ProgressDisplay,
): Promise<boolean> {
  const progress = await client.getProgress(taskId);
  display.show(number, progress);
  if (progress.status === 'failed' || progress.status === 'cancelled')
    throw new LaunchError(`Task ${taskId} ended as ${progress.status}: ${progress.error_message}`);
  return progress.status === 'completed';
}

interface SavedPicture {
  taskId: string;
  path: string;
  sizeBytes: number;
  width: number;
  height: number;
}

async function savePictures(client: DemoClient, taskIds: string[], folder: string): Promise<SavedPicture[]> {
  mkdirSync(folder, { recursive: true });
  const saved: SavedPicture[] = [];
  const seen = new Set<string>();
  for (const [number, taskId] of taskIds.entries()) {
    const picture = await client.download(taskId, 0);
    const { format, width, height } = await sharp(picture).metadata();
    const asked = TASKS[number]!;
    if (format !== 'png' || width !== asked.width || height !== asked.height)
      throw new LaunchError(
        `Task ${taskId} asked for a PNG of ${asked.width}x${asked.height} and gave ${format} of ${width}x${height}.`,
      );
    const hash = createHash('sha256').update(picture).digest('hex');
    if (seen.has(hash)) throw new LaunchError(`Task ${taskId} gave the same picture as a task before it.`);
    seen.add(hash);
    const path = join(folder, `${number + 1}-${width}x${height}-seed-${asked.seed}.png`);
    writeFileSync(path, picture);
    saved.push({ taskId, path, sizeBytes: picture.length, width, height });
  }
  return saved;
}

function printTable(pictures: SavedPicture[], tasks: AdminTask[]): void {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const rows = pictures.map(({ taskId, path, sizeBytes, width, height }) => {
    const task = byId.get(taskId);
    const wait = seconds(task?.created_at, task?.started_at);
    const run = seconds(task?.started_at, task?.completed_at);
    return [taskId, task?.node_id ?? '?', wait, run, path, `${width}x${height}, ${Math.ceil(sizeBytes / 1024)} KiB`];
  });
  const table = [['task', 'node', 'wait', 'run', 'file', 'size'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}

function seconds(from: string | null | undefined, to: string | null | undefined): string {
  return from && to ? `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s` : '?';
}
