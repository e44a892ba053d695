import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApplication } from '../../launch/application.js';
import type { ClosingStack } from '../../launch/closing-stack.js';
import { chooseFreePort } from '../../launch/free-port.js';
import type { PromptLogEntry } from '../../simulators/comfyui/prompt-log.js';
import { withSecrets, type Settings } from '../../src/config/index.js';
import { initialiseDatabases } from '../../src/operations/index.js';
import { APPS, NODES } from '../script/make-schedule.js';
import { SeededRandom } from '../script/seeded-random.js';
import { KillableDatabase } from './killable-database.js';
import { KillableProcess } from './killable-process.js';
import { appSettings, runSettings } from './run-settings.js';
import { TcpProxy } from './tcp-proxy.js';

export const PASSWORD = 'correct horse battery';

/** A process with the link through which it reaches the database, or is reached by the application processes. */
export interface Member {
  process: KillableProcess;
  link: TcpProxy;
  /** Its own address, not that of the link. */
  url: string;
}

export interface WorldOptions {
  folder: string;
  seed: number;
  users: string[];
  /** Whatever is started is stopped by it, also when a later step fails. */
  opened: ClosingStack;
  say: (line: string) => void;
}

const PROGRAM = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../../simulators/comfyui/main.js', import.meta.url));
/** Three steps a picture: long enough that most of what hits a node hits a prompt, short enough for the tasks of a run. */
const STEP_MS = '40';

/** A whole installation, each part in a process of its own: a database, application processes, simulated nodes. */
export class World {
  readonly apps = new Map<string, Member>();
  readonly nodes = new Map<string, Member>();
  private readonly random: SeededRandom;

  private constructor(
    readonly folder: string,
    /** As this process reaches everything: by socket, past all links. */
    readonly settings: Settings,
    readonly database: KillableDatabase,
    private readonly options: WorldOptions,
  ) {
    this.random = new SeededRandom(options.seed);
  }

  static async build(options: WorldOptions): Promise<World> {
    const { folder, opened, say } = options;
    const settings = runSettings(folder);
    const database = await KillableDatabase.start(join(settings.dataDir, 'mysql'), say);
    opened.push(() => database.close());
    const { kind } = database.binary;
    const { mysql, ...complete } = withSecrets(settings);
    const reached: Settings = { ...complete, mysql: { ...mysql, serverType: kind } };
    for (const name of ['client', 'admin', 'shared', 'flames'] as const)
      reached.mysql[name] = { ...mysql[name], socketPath: database.socketPath };
    await initialiseDatabases({ settings: reached, adminDsn: database.adminDsn });
    const world = new World(folder, reached, database, options);
    for (const name of NODES) await world.addNode(name);
    await world.prepare();
    await Promise.all(APPS.map((name) => world.addApp(name)));
    return world;
  }

  /** Accounts, workflows, and the nodes under the addresses of their links. */
  private async prepare(): Promise<void> {
    const app = await startApplication({
      ...this.settings,
      log: { level: 'warn', databaseLevel: 'silent', pretty: false },
    });
    for (const username of this.options.users) await app.createClientUserIfAbsent(username, PASSWORD);
    for (const [nodeId, { link }] of this.nodes)
      await app.registerNode({ nodeId, name: nodeId, url: `http://127.0.0.1:${link.port}`, maxConcurrent: 2 });
    await app.close();
  }

  private async addNode(name: string): Promise<void> {
    const port = await chooseFreePort();
    const url = `http://127.0.0.1:${port}`;
    const link = await this.openLink(port);
    const process = new KillableProcess({
      name,
      arguments: [
        ...[SIMULATOR, '--port', `${port}`, '--name', name, '--step-ms', STEP_MS],
        ...['--data-dir', join(this.folder, name)],
      ],
      logPath: join(this.folder, `${name}.log`),
      readyUrl: `${url}/system_stats`,
    });
    await this.launch({ process, link, url }, name, this.nodes);
  }

  private async addApp(name: string): Promise<void> {
    const port = await chooseFreePort();
    const url = `http://127.0.0.1:${port}`;
    const link = await this.openLink(this.database.port);
    const file = join(this.folder, `${name}.yaml`);
    // JSON is YAML; the names are those of the code, which the loader takes as they are.
    writeFileSync(file, JSON.stringify(appSettings(this.settings, port, link.port)), { mode: 0o600 });
    const process = new KillableProcess({
      name,
      arguments: [PROGRAM],
      environment: { CONFIG_FILE: file },
      logPath: join(this.folder, `${name}.log`),
      readyUrl: `${url}/api/health`,
    });
    await this.launch({ process, link, url }, name, this.apps);
  }

  private async launch(member: Member, name: string, members: Map<string, Member>): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    members.set(name, member);
    this.options.opened.push(() => member.process.close());
    await member.process.start();
  }

  private async openLink(port: number): Promise<TcpProxy> {
    const link = await TcpProxy.start(port, () => this.random.next());
    this.options.opened.push(() => link.close());
    return link;
  }

  /** What became of every prompt, as the nodes themselves wrote it down over all their lives. */
  readPromptLogs(): (PromptLogEntry & { node: string })[] {
    return NODES.flatMap((node) =>
      readLines<PromptLogEntry>(join(this.folder, node, 'prompts.jsonl')).map((entry) => ({ ...entry, node })),
    );
  }

  /** Times that the reconciler found what outboxes should have carried. */
  countRepairs(): number {
    const logs = APPS.map((name) => readFileSync(join(this.folder, `${name}.log`), 'utf8'));
    return logs.join('').split(REPAIRED).length - 1;
  }

  /** How often a fault of the simulators struck, on one node or on all. */
  countStrikes(fault: string, nodes: readonly string[] = NODES): number {
    const strikes = nodes.flatMap((node) => readLines<{ fault: string }>(join(this.folder, node, 'faults.jsonl')));
    return strikes.filter((strike) => strike.fault === fault).length;
  }
}

const REPAIRED = 'tasks differed between the databases';

/** A process that is killed while it writes may leave half a line at the end of one of its lives. */
function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as T];
      } catch {
        return [];
      }
    });
}
