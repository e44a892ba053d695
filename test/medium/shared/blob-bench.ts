import { Readable } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createLogger, newId, type Clock } from '../../../src/common/index.js';
import { databaseToken, type Database, type Executor } from '../../../src/database/index.js';
import { BlobSweepService, BlobsRepository } from '../../../src/shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../../src/storage/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

/** A database and a store with blobs in them; harvests, settles and sweeps are moved by hand. */
export class BlobBench {
  private readonly gates: Gate[] = [];

  private constructor(
    readonly server: ScratchServer,
    readonly app: INestApplicationContext,
    private readonly root: Connection,
    readonly database: Database,
    readonly store: BlobStore,
    readonly blobs: BlobsRepository,
  ) {}

  static async open(): Promise<BlobBench> {
    const server = await startScratchServer();
    const app = await startServices(server);
    return new BlobBench(
      server,
      app,
      await createConnection({ uri: server.adminDsn }),
      app.get<Database>(databaseToken('shared'), { strict: false }),
      app.get<BlobStore>(BLOB_STORE, { strict: false }),
      app.get(BlobsRepository),
    );
  }

  async close(): Promise<void> {
    await this.root.end();
    await this.app.close();
    await this.server.stop();
  }

  async empty(): Promise<void> {
    const rows = await this.database.rows<{ hash: string }>('SELECT hash FROM blobs');
    for (const { hash } of rows) await (await this.store.withdraw(hash)).discard();
    for (const table of ['global_tasks', 'global_files', 'blobs', 'outbox']) {
      await this.database.run(`DELETE FROM ${table}`);
    }
  }

  /** A sweep as another process would run it, with some of its parts replaced. */
  sweeper(given: { blobs?: BlobsRepository; store?: BlobStore; clock?: Clock } = {}): BlobSweepService {
    const { blobs = this.blobs, store = this.store, clock = new TestClock() } = given;
    const logger = createLogger({ level: 'silent', pretty: false });
    return new BlobSweepService(this.database, blobs, store, this.server.settings, logger, clock);
  }

  /** Bytes in the store, with their row and a pin; nothing refers to them. */
  async keep(text: string, until: Date): Promise<string> {
    const { hash, sizeBytes, commit } = await this.store.receive(Readable.from([Buffer.from(text)]));
    const pinned = await this.blobs.pin({ hash, sizeBytes, mimeType: 'text/plain' }, until);
    await commit();
    await this.blobs.markStored(pinned!, new Date());
    return hash;
  }

  async refer(executor: Executor, hashes: string[]): Promise<void> {
    await executor.run(
      `INSERT INTO global_files (file_id, source_type, original_name, file_name, file_path, file_size, mime_type,
         file_hash, file_type) VALUES ?`,
      [hashes.map((hash) => [newId(), 'client', 'x', 'x', 'x', 1, 'text/plain', hash, 'document'])],
    );
  }

  async stateOf(hash: string): Promise<string> {
    const [row] = await this.database.rows<{ state: string }>('SELECT state FROM blobs WHERE hash = ?', [hash]);
    return `${row?.state ?? 'no row'}, ${(await this.store.has(hash)) ? 'bytes' : 'no bytes'}`;
  }

  untilWaiting(count = 1) {
    return waitFor(
      async () => {
        const [rows] = await this.root.query<RowDataPacket[]>(
          `SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'`,
        );
        return Number(rows[0]!['Value']) >= count;
      },
      { what: `${count} to wait for a lock` },
    );
  }

  /** What the server does with transactions that stand still for too long, only at once. */
  async endIdleTransactions(): Promise<void> {
    const [rows] = await this.root.query<RowDataPacket[]>(
      'SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id <> 0',
    );
    for (const { id } of rows) await this.root.query(`KILL ${String(id)}`);
  }

  /** Holds a transaction open after `work` until `release` is called. */
  async holdOpen(work: (transaction: Executor) => Promise<unknown>) {
    const [opened, end] = [this.gate(), this.gate()];
    const committed = this.database.transaction(async (transaction) => {
      await work(transaction);
      opened.open();
      await end.opened;
    });
    await opened.opened;
    return { release: () => (end.open(), committed) };
  }

  gate(): Gate {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const gate = { open, opened };
    this.gates.push(gate);
    return gate;
  }

  /** A test that failed half-way holds no lock against the next one. */
  openGates(): void {
    for (const { open } of this.gates.splice(0)) open();
  }
}

interface Gate {
  open: () => void;
  opened: Promise<void>;
}

/** A repository or a store of which some methods are the test's. */
export function replacing<T extends object>(real: T, parts: Partial<T>): T {
  return Object.assign(Object.create(real) as T, parts);
}
