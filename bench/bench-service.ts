import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '../launch/database.js';
import { loadSettings, type Settings } from '../src/config/index.js';
import { initialiseDatabases } from '../src/operations/index.js';
import { startApplication } from '../launch/application.js';

const SILENT = () => undefined;
/** One machine asks as no honest crowd behind one address would. */
export const UNLIMITED = {
  auth: { defaultQuota: 10_000_000 },
  limits: { requestsPerUser: 10_000_000, requestsPerAddress: 10_000_000, queue: 10_000_000, queuedPerUser: 100_000 },
};
export const PASSWORD = 'correct horse battery';

/** Databases of its own in a temporary folder, on a private server as `npm start` runs it: every commit is flushed. */
export class BenchDatabases {
  private readonly children: ChildProcess[] = [];
  private readonly pids = new Map<string, number>();
  private written = 0;

  private constructor(
    readonly settings: Settings,
    readonly adminDsn: string,
    private readonly closeServer: () => Promise<void>,
    private readonly folder: string,
  ) {}

  static async open(overrides: Record<string, unknown>): Promise<BenchDatabases> {
    const folder = await mkdtemp(join(tmpdir(), 'cws-bench-'));
    const settings = loadSettings({
      environment: {},
      overrides: {
        ...overrides,
        dataDir: folder,
        server: { port: 0 },
        log: { level: 'warn' },
        nodes: { simulated: 0 },
      },
    });
    const database = await openDatabase(settings, SILENT);
    await initialiseDatabases({ settings: database.settings, adminDsn: database.adminDsn!, report: SILENT });
    return new BenchDatabases(database.settings, database.adminDsn!, database.close, folder);
  }

  /** Accounts, and the shipped workflows brought to the client's side: what an installation has after its first start. */
  async prepare(users: string[]): Promise<void> {
    const app = await startApplication(this.settings);
    for (const username of users) await app.createClientUserIfAbsent(username, PASSWORD);
    await app.close();
  }

  /** The real program in a process of its own, doing only what these roles say; returns its address. */
  async startProgram(roles: Settings['server']['roles']): Promise<string> {
    return this.startProcess('dist/src/main.js', { ...this.settings, server: { ...this.settings.server, roles } });
  }

  /** The yardstick: a bare server over the same tables. */
  async startBareServer(program = 'dist/bench/bare-server.js'): Promise<string> {
    return this.startProcess(program, this.settings);
  }

  /** The process that listens there. */
  pidOf(url: string): number {
    return this.pids.get(url)!;
  }

  /** For programs that take their settings from CONFIG_FILE; returns the file. */
  async writeSettings(settings = this.settings): Promise<string> {
    const file = join(this.folder, `settings-${(this.written += 1)}.yaml`);
    const { taskTypes, ...others } = settings;
    await writeFile(file, JSON.stringify({ ...others, task_types: taskTypes }), { mode: 0o600 });
    return file;
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.closeServer();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async startProcess(program: string, settings: Settings): Promise<string> {
    const file = await this.writeSettings(settings);
    // Such as `--cpu-prof --cpu-prof-dir=profiles`, to see where the time goes.
    const options = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
    const child = spawn(process.execPath, [...options, program], {
      env: { PATH: process.env.PATH, CONFIG_FILE: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    // Read to the end: a process whose log nobody reads waits for its reader when it stops.
    const lines = createInterface({ input: child.stdout });
    const url = await new Promise<string | undefined>((resolve) => {
      lines.on('line', (line) => {
        const found = /listening on (\S+)$/.exec(line)?.[1];
        if (found) resolve(found);
      });
      lines.once('close', () => resolve(undefined));
    });
    if (url) {
      this.pids.set(url, child.pid!);
      return url;
    }
    throw new Error(`${program} ended before it listened.`);
  }
}
