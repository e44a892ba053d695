import type { INestApplicationContext } from '@nestjs/common';
import { SystemLogsRepository } from '../../../src/admin/index.js';
import { AccessLogRepository } from '../../../src/client/access-log/access-log.repository.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import type { Job } from '../../../src/jobs/job.js';
import { LogRetentionJob } from '../../../src/jobs/log-retention.job.js';
import { PartitionsJob } from '../../../src/jobs/partitions.job.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { noteSteadyRuns } from '../../support/note-steady-runs.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';
import { waitFor } from '../../support/wait-for.js';

const ROWS = Number(process.env.PROVE_ROUNDS ?? 20_000);
const BASELINE_MS = process.env.PROVE_ROUNDS ? 15_000 : 500;
const INSERTS_A_SECOND = 200;
/** Inserts under way at once. */
const LANES = 8;
const DAYS = 120;
const DAY_MS = 86_400_000;
const CHUNK = 100_000;
const TIMEOUT_MS = 1_800_000;

/** Rows by number, made on the server. */
const NUMBERS = Array.from({ length: 5 }, (_, place) => {
  const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS n`).join(' UNION ALL ');
  return `(${digits}) d${place}`;
}).join(' CROSS JOIN ');
const NUMBER = Array.from({ length: 5 }, (_, place) => `d${place}.n * ${10 ** place}`).join(' + ');

/** What is left, by count and by content; the rows that came meanwhile apart. */
interface Found {
  rows: string;
  sum: string;
}

describe(`retention of ${ROWS} log rows of ${DAYS} days while ${INSERTS_A_SECOND} inserts a second go on (real: MariaDB)`, () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let admin: Database;
  let client: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    admin = app.get<Database>(databaseToken('admin'), { strict: false });
    client = app.get<Database>(databaseToken('client'), { strict: false });
    await noteSteadyRuns(app);
    await partitionAsTimeWentBy();
    await fill(Math.ceil(ROWS / 2));
  }, TIMEOUT_MS);
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const run = (job: abstract new (...args: never[]) => Job) =>
    app.get<Job>(job, { strict: false }).run({ signal: new AbortController().signal, dueAt: new Date(), options: {} });

  it(
    'takes what had to go and nothing else, and keeps every row that came meanwhile',
    async () => {
      const expected = {
        logs: await logs('expire_on >= UTC_DATE()'),
        requests: await requests(`created_at >= ${CUT}`),
      };
      const due = { logs: await logs('expire_on < UTC_DATE()'), requests: await requests(`created_at < ${CUT}`) };
      expect(Number(due.logs.rows)).toBeGreaterThan(0);
      expect(Number(due.requests.rows)).toBeGreaterThan(0);

      const before = new Writers(app);
      await before.writeFor(BASELINE_MS);
      const during = new Writers(app);
      during.start();
      const startedAt = performance.now();
      const dropped = (await run(PartitionsJob)) as Record<string, unknown>;
      const droppedMs = performance.now() - startedAt;
      const whileDropped = during.durations.length;
      const removed = (await run(LogRetentionJob)) as Record<string, number>;
      const allMs = performance.now() - startedAt;
      await during.stop();

      expect(await logs('expire_on < UTC_DATE()')).toMatchObject({ rows: '0' });
      expect(await requests(`created_at < ${CUT}`)).toMatchObject({ rows: '0' });
      expect(await logs('TRUE')).toEqual(expected.logs);
      expect(await requests('TRUE')).toEqual(expected.requests);
      const written = before.durations.length + during.durations.length;
      const live = await admin.rows<{ n: string }>("SELECT COUNT(*) AS n FROM system_logs WHERE module = 'live'");
      const asked = await client.rows<{ n: string }>(
        "SELECT COUNT(*) AS n FROM client_access_logs WHERE action = 'live'",
      );
      expect(Number(live[0]!.n) + Number(asked[0]!.n)).toBe(written);
      expect(dropped).toMatchObject({ partition_catch_all_rows: { system_logs: 0, client_access_logs: 0 } });
      if (process.env.PROVE_ROUNDS)
        report({ due, expected, removed, dropped, droppedMs, allMs, before, during, whileDropped });
    },
    TIMEOUT_MS,
  );

  /** Half a day beside every row: none comes to its time while the test runs. */
  const CUT = 'UTC_TIMESTAMP(3) - INTERVAL 30 DAY';

  async function found(database: Database, table: string, where: string): Promise<Found> {
    const [row] = await database.rows<Found>(
      `SELECT COUNT(*) AS \`rows\`, COALESCE(SUM(CRC32(CONCAT(id, created_at))), 0) AS sum FROM ${table} WHERE ${where}`,
    );
    return { rows: String(row!.rows), sum: String(row!.sum) };
  }
  const logs = (where: string) => found(admin, 'system_logs', `module <> 'live' AND ${where}`);
  const requests = (where: string) => found(client, 'client_access_logs', `action <> 'live' AND ${where}`);

  /**
   * Log rows by the day on which they expire, as the job makes them; requests in one partition with those that are to
   * stay, so that no drop can help.
   */
  async function partitionAsTimeWentBy(): Promise<void> {
    const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
    const daily = Array.from({ length: DAYS + 98 }, (_, index) => {
      const name = `p${day(index - DAYS - 1).replaceAll('-', '')}`;
      return `PARTITION ${name} VALUES LESS THAN ('${day(index - DAYS)}')`;
    });
    const catchAll = 'PARTITION p_future VALUES LESS THAN (MAXVALUE)';
    const cut = async (name: 'admin' | 'client', table: string, column: string, parts: string[]) => {
      const connection = await openMigrationConnection(name, server.settings);
      const partitions = [...parts, catchAll].join(', ');
      await connection.query(`ALTER TABLE ${table} PARTITION BY RANGE COLUMNS (${column}) (${partitions})`);
      await connection.end();
    };
    const all = `PARTITION p_all VALUES LESS THAN ('${day(1)} 00:00:00.000')`;
    await cut('admin', 'system_logs', 'expire_on', daily);
    await cut('client', 'client_access_logs', 'created_at', [all]);
  }

  /** Of all levels, evenly over the days, a quarter of a day beside the moment at which the test runs. */
  async function fill(rows: number): Promise<void> {
    const level = "ELT(1 + i MOD 5, 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')";
    const kept = 'ELT(1 + i MOD 5, 7, 30, 60, 90, 90)';
    const time = `UTC_TIMESTAMP(3) - INTERVAL FLOOR(i * ${DAYS} / ${rows}) DAY - INTERVAL 6 HOUR`;
    for (let from = 0; from < rows; from += CHUNK) {
      const numbers = `(SELECT ${from} + ${NUMBER} AS i FROM ${NUMBERS}) numbers WHERE i < ${Math.min(from + CHUNK, rows)}`;
      await admin.run(
        `INSERT INTO system_logs (level, module, message, details, created_at, expire_on)
         SELECT ${level}, CONCAT('m', i MOD 10), CONCAT('line ', i), '{"a":1}', ${time}, DATE(${time} + INTERVAL ${kept} DAY)
         FROM ${numbers}`,
      );
      await client.run(
        `INSERT INTO client_access_logs (action, endpoint, method, status_code, response_time, created_at)
         SELECT 'GET /a', '/a', 'GET', 200, i MOD 100, ${time} FROM ${numbers}`,
      );
    }
  }
});

/** Writes to both tables at a steady rate, through the program's own repositories, and notes how long each insert took. */
class Writers {
  readonly durations: number[] = [];
  private lanes: Promise<void>[] = [];
  private isOver = false;
  private begun = 0;

  constructor(private readonly app: INestApplicationContext) {}

  start(): void {
    const startedAt = performance.now();
    this.lanes = Array.from({ length: LANES }, () => this.work(startedAt));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.lanes);
  }

  /** Each insert has its moment, and counts from then on: one that waits behind others has waited too. */
  private async work(startedAt: number): Promise<void> {
    for (;;) {
      const index = this.begun++;
      const dueAt = startedAt + (index * 1_000) / INSERTS_A_SECOND;
      await waitFor(() => this.isOver || performance.now() >= dueAt, {
        timeoutMs: TIMEOUT_MS,
        everyMs: 1,
        what: 'the next insert',
      });
      if (this.isOver) return;
      await this.insert(index);
      this.durations.push(performance.now() - dueAt);
    }
  }

  async writeFor(durationMs: number): Promise<void> {
    this.start();
    const until = performance.now() + durationMs;
    await waitFor(() => performance.now() >= until, {
      timeoutMs: TIMEOUT_MS,
      everyMs: 10,
      what: 'the time to be over',
    });
    await this.stop();
  }

  p(share: number, from = 0, to = this.durations.length): number {
    const sorted = this.durations.slice(from, to).sort((a, b) => a - b);
    return Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
  }

  private async insert(index: number): Promise<void> {
    const createdAt = new Date();
    if (index % 2 === 0) {
      const expireOn = new Date(createdAt.getTime() + 30 * DAY_MS).toISOString().slice(0, 10);
      const nothing = {
        details: null,
        adminUserId: null,
        taskId: null,
        nodeId: null,
        ipAddress: null,
        userAgent: null,
      };
      await this.app
        .get(SystemLogsRepository, { strict: false })
        .insert([{ ...nothing, level: 'INFO', module: 'live', message: 'live', createdAt, expireOn }]);
    } else {
      await this.app.get(AccessLogRepository, { strict: false }).insert([
        {
          ...{ clientId: null, action: 'live', endpoint: '/', method: 'GET', ipAddress: '192.0.2.1', userAgent: null },
          ...{ durationMs: 1, statusCode: 200, requestId: 'r', createdAt },
        },
      ]);
    }
  }
}

interface Figures {
  due: { logs: Found; requests: Found };
  expected: { logs: Found; requests: Found };
  removed: Record<string, number>;
  dropped: Record<string, unknown>;
  droppedMs: number;
  allMs: number;
  before: Writers;
  during: Writers;
  whileDropped: number;
}

function report(figures: Figures): void {
  const { due, expected, removed, dropped, droppedMs, allMs, before, during, whileDropped } = figures;
  const times = (writers: Writers, from = 0, to = writers.durations.length) => ({
    inserts: to - from,
    ...{ p50_ms: writers.p(0.5, from, to), p99_ms: writers.p(0.99, from, to), longest_ms: writers.p(1, from, to) },
  });
  const shown = {
    rows: ROWS,
    due: { system_logs: due.logs.rows, client_access_logs: due.requests.rows },
    stayed: { system_logs: expected.logs.rows, client_access_logs: expected.requests.rows },
    removed_row_by_row: removed,
    partitions: dropped,
    seconds: { partitions: Math.round(droppedMs / 100) / 10, all: Math.round(allMs / 100) / 10 },
    inserts_before: times(before),
    inserts_during: times(during),
    of_them_while_partitions_changed: times(during, 0, whileDropped),
    and_while_rows_were_deleted: times(during, whileDropped),
  };
  process.stderr.write(`${JSON.stringify(shown, null, 2)}\n`);
}
