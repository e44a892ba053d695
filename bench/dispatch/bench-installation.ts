import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { INestApplicationContext } from '@nestjs/common';
import { NodesService } from '../../src/admin/index.js';
import { BenchDatabases, UNLIMITED } from '../bench-service.js';
import { monotonicMs } from '../report.js';
import { openServices } from '../services.js';
import { signInUsers, type SignedInUser } from '../signed-in-users.js';
import { BenchNodes } from './bench-nodes.js';

export type Workflow = 'instant' | 'one-second';

export interface Submitted {
  taskId: string;
  /** When the answer was here; the task is committed then. */
  answeredMs: number;
}

const MOST_NODES = 100;
/** One user's submits wait for each other by design. */
const USERS = Array.from({ length: 10 }, (_, index) => `bench-${index}`);
const LOOK_EVERY_MS = 3;
const PATIENCE_MS = 60_000;

const workflow = (name: Workflow) => ({
  workflow_file: `bench/workflows/${name}.json`,
  allowed_frontend_params: [],
  parameter_mapping: {},
});

const SETTINGS = {
  ...UNLIMITED,
  limits: { ...UNLIMITED.limits, queuedPerUser: 10_000_000, runningPerUser: 10_000_000 },
  taskTypes: {
    text_to_image: { workflows: { instant: workflow('instant'), 'one-second': workflow('one-second') } },
  },
};

/** The real program in one process with all its roles, its databases, and simulated nodes beside it. */
export class BenchInstallation {
  private users: SignedInUser[] = [];
  private url = '';
  private turn = 0;
  private registered = 0;
  services!: INestApplicationContext;

  private constructor(
    readonly databases: BenchDatabases,
    readonly nodes: BenchNodes,
    readonly sql: Connection,
  ) {}

  static async start(): Promise<BenchInstallation> {
    const databases = await BenchDatabases.open(SETTINGS);
    const sql = await createConnection(databases.adminDsn);
    const installation = new BenchInstallation(databases, await BenchNodes.start(MOST_NODES), sql);
    await databases.prepare(USERS);
    installation.services = await openServices(databases.settings);
    installation.url = await databases.startProgram(['api', 'dispatch', 'sync', 'jobs']);
    installation.users = await signInUsers(installation.url, databases, USERS);
    return installation;
  }

  get shared(): string {
    return `\`${this.databases.settings.mysql.shared.database}\``;
  }

  private get admin(): string {
    return `\`${this.databases.settings.mysql.admin.database}\``;
  }

  get activeUrls(): string[] {
    return this.nodes.urls.slice(0, this.registered);
  }

  /** Adds nodes until there are so many, all of them online. */
  async growTo(count: number): Promise<void> {
    for (; this.registered < count; this.registered += 1) {
      const nodeId = `sim-${this.registered}`;
      const url = this.nodes.urls[this.registered]!;
      await this.services.get(NodesService).register({ nodeId, name: nodeId, url, maxConcurrent: 2 });
    }
    await this.waitUntil(`${count} nodes online`, async () => {
      const [[row]] = await this.sql.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS n FROM ${this.admin}.nodes WHERE status = 'online'`,
      );
      return Number(row!.n) >= count;
    });
  }

  /** While closed, nodes take nothing new: a queue can be filled. */
  async setOpen(isOpen: boolean): Promise<void> {
    await this.sql.query(`UPDATE ${this.admin}.nodes SET cordoned = ?`, [isOpen ? 0 : 1]);
  }

  async submit(name: Workflow): Promise<Submitted> {
    const { authorization } = this.users[(this.turn += 1) % this.users.length]!;
    const answer = await fetch(`${this.url}/api/v2/tasks/text-to-image`, {
      method: 'POST',
      body: JSON.stringify({ prompt: `picture ${this.turn}`, workflow_name: name, seed: this.turn }),
      headers: { 'content-type': 'application/json', authorization },
    });
    const { task_id: taskId } = (await answer.json()) as { task_id?: string };
    const answeredMs = monotonicMs();
    if (!taskId) throw new Error(`A submit was answered ${answer.status}.`);
    return { taskId, answeredMs };
  }

  /** Returns once all of them are in the queue. */
  async fillQueue(name: Workflow, count: number): Promise<string[]> {
    const taskIds: string[] = [];
    await Promise.all(
      this.users.map(async () => {
        while (taskIds.length < count) {
          const place = taskIds.push('') - 1;
          taskIds[place] = (await this.submit(name)).taskId;
        }
      }),
    );
    await this.waitUntil('a full queue', async () => (await this.countIn('queued', taskIds)) === taskIds.length);
    return taskIds;
  }

  /** When each of these was seen completed in the queue's own table; looked at every few milliseconds. */
  async waitForCompletion(taskIds: string[]): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    await this.waitUntil(`the end of ${taskIds.length} tasks`, async () => {
      const [rows] = await this.sql.query<RowDataPacket[]>(
        `SELECT task_id, status FROM ${this.shared}.global_tasks
         WHERE task_id IN (?) AND status IN ('completed', 'failed', 'cancelled')`,
        [taskIds.filter((taskId) => !seen.has(taskId))],
      );
      const nowMs = monotonicMs();
      const wrong = rows.find(({ status }) => status !== 'completed');
      if (wrong) throw new Error(`A task of the bench ${String(wrong.status)}.`);
      for (const { task_id: taskId } of rows) seen.set(String(taskId), nowMs);
      return seen.size === taskIds.length;
    });
    return seen;
  }

  /** The same, looked at rarely: for loads that a look would slow down. */
  async waitForLoad(taskIds: string[]): Promise<void> {
    const isOver = async () => (await this.countIn('completed', taskIds)) === taskIds.length;
    await this.waitUntil(`the end of ${taskIds.length} tasks`, isOver, 250);
  }

  async close(): Promise<void> {
    await this.services?.close();
    await this.sql.end();
    await this.databases.close();
    await this.nodes.stop();
  }

  private async countIn(status: string, taskIds: string[]): Promise<number> {
    const [[row]] = await this.sql.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS n FROM ${this.shared}.global_tasks WHERE task_id IN (?) AND status = ?`,
      [taskIds, status],
    );
    return Number(row!.n);
  }

  private async waitUntil(what: string, isSo: () => Promise<boolean>, everyMs = LOOK_EVERY_MS): Promise<void> {
    const giveUpMs = monotonicMs() + PATIENCE_MS;
    while (!(await isSo())) {
      if (monotonicMs() > giveUpMs) throw new Error(`Waited ${PATIENCE_MS / 1_000} s in vain for ${what}.`);
      await delay(everyMs);
    }
  }
}
