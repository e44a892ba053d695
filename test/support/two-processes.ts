import { createConnection, type Connection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { NodesService } from '../../src/admin/index.js';
import { ClientUsersService } from '../../src/client/index.js';
import { ApiClient } from './api-client.js';
import { countLosses } from './count-losses.js';
import { PASSWORD, QUICK } from './installation.js';
import { startScratchServer, type ScratchServer } from './scratch-server.js';
import { SeparateProcess } from './separate-process.js';
import { startServices } from './start-services.js';
import { StatementLog } from './statement-log.js';
import { waitFor } from './wait-for.js';

export const USERS = ['alice', 'bob'];

export interface LeaseRow {
  name: string;
  owner: string | null;
  token: number;
}

interface TwoProcessesOptions {
  nodes: number;
  stepMs: number;
  /** Settings of leases, quick ones where left out. */
  dispatch?: { leaseTtlMs: number; leaseRenewMs: number };
}

/** Real programs on one installation, each with its own database account, so that the server's log tells them apart. */
export class TwoProcesses {
  first!: SeparateProcess;
  second!: SeparateProcess;
  private readonly started: SeparateProcess[] = [];

  private constructor(
    readonly server: ScratchServer,
    readonly shared: DataSource,
    readonly log: StatementLog,
    readonly simulators: ComfySimulator[],
    private readonly locks: Connection,
  ) {}

  /** The first schedules and drives all nodes when the second comes. */
  static async start({ nodes, stepMs, ...given }: TwoProcessesOptions): Promise<TwoProcesses> {
    const dispatch = { ...QUICK.dispatch, leaseTtlMs: 1_000, leaseRenewMs: 300, ...given.dispatch };
    const server = await startScratchServer({
      overrides: { ...QUICK, log: { level: 'warn' }, dispatch, jobs: { enabled: true } },
    });
    const shared = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
    const simulators = Array.from({ length: nodes }, () => new ComfySimulator({ stepMs }));
    const log = await StatementLog.start(server.adminDsn);
    const both = new TwoProcesses(server, shared, log, simulators, await createConnection(server.adminDsn));
    await both.begin().catch(async (error: unknown) => {
      await both.stop();
      throw error;
    });
    return both;
  }

  private async begin(): Promise<void> {
    await this.prepare();
    this.first = await this.startProcess('first');
    const hasAll = async () =>
      (await this.contested()).filter(({ owner }) => owner).length === this.simulators.length + 1;
    await waitFor(hasAll, { what: 'the first process to schedule and to drive all nodes' });
    this.second = await this.startProcess('second');
  }

  private async prepare(): Promise<void> {
    const services = await startServices(this.server);
    for (const username of USERS) {
      await services.get(ClientUsersService).createIfAbsent({ username, password: PASSWORD });
    }
    for (const [index, simulator] of this.simulators.entries()) {
      const { url } = await simulator.start();
      await services.get(NodesService).register({ nodeId: `sim-${index}`, name: 'sim', url, maxConcurrent: 2 });
    }
    await services.close();
    const { username, password } = this.server.settings.mysql.shared;
    for (const account of ['first', 'second']) await this.log.createAccountLike(username, account, password);
  }

  async startProcess(account: 'first' | 'second'): Promise<SeparateProcess> {
    const { settings } = this.server;
    const mysql = { ...settings.mysql, shared: { ...settings.mysql.shared, username: account } };
    const process = await SeparateProcess.start({ ...settings, mysql });
    this.started.push(process);
    return process;
  }

  async stop(): Promise<void> {
    for (const process of this.started) process.signal('SIGCONT');
    await this.locks.end();
    await Promise.all(this.started.map((process) => process.stop()));
    await this.log.stop();
    await this.shared.destroy();
    await Promise.all(this.simulators.map((simulator) => simulator.stop()));
    await this.server.stop();
  }

  signIn(process: SeparateProcess, username = 'alice'): Promise<ApiClient> {
    return ApiClient.signIn(process.url!, username, PASSWORD);
  }

  /** The leases that processes fight for: of the scheduler and of each node, in the order of their names. */
  async contested(): Promise<LeaseRow[]> {
    const rows = await this.shared.query<(Omit<LeaseRow, 'token'> & { token: string })[]>(
      `SELECT name, owner, token FROM leases WHERE name = 'scheduler' OR name LIKE 'node:%' ORDER BY name`,
    );
    return rows.map((row) => ({ ...row, token: Number(row.token) }));
  }

  async schedulerLease(): Promise<LeaseRow> {
    return (await this.contested()).find(({ name }) => name === 'scheduler')!;
  }

  openAssignments() {
    return this.shared.query<
      { task_id: string; node_id: string; slot: number | null; owner_id: string; started_at: Date | null }[]
    >(`SELECT task_id, node_id, slot, owner_id, started_at FROM node_task_assignments WHERE open_task_id IS NOT NULL`);
  }

  async countUnpublished(): Promise<number> {
    const rows = await this.shared.query<unknown[]>('SELECT id FROM outbox WHERE published_at IS NULL');
    return rows.length;
  }

  /** Harvests stand still from here on, each with its next statement sent and unanswered. */
  async holdHarvests(): Promise<void> {
    const { database } = this.server.settings.mysql.shared;
    await this.locks.query(`LOCK TABLES \`${database}\`.blobs WRITE`);
  }

  async releaseHarvests(): Promise<void> {
    await this.locks.query('UNLOCK TABLES');
  }

  /** Ids of prompts in the order in which nodes accepted them. */
  accepted(): string[] {
    return this.simulators.flatMap(({ log }) =>
      log.filter(({ event }) => event === 'accepted').map(({ prompt_id: id }) => id),
    );
  }

  /** Once everything is announced: whatever was lost, doubled or left behind; empty where all is well. */
  async losses(): Promise<[string, unknown[]][]> {
    const count = () => countLosses(this.server.settings);
    await waitFor(async () => (await count()).unpublished.length === 0, { what: 'empty outboxes' });
    return Object.entries(await count()).filter(([, rows]: [string, unknown[]]) => rows.length > 0);
  }
}
