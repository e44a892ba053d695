import { env } from 'node:process';
import { Readable } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import { serverAddress } from '../../ormconfig/options.js';
import { loadSettings, type Settings } from '../../src/config/index.js';
import { TaskLogsService } from '../../src/flames/index.js';
import { monotonicMs } from '../report.js';
import { openServices } from '../services.js';
import { COLUMNS, makeLogs } from './made-logs.js';

/** What one writer says of itself; sizes in MiB. */
export interface Written {
  tookMs: number;
  startMib: number;
  peakMib: number;
}

/** As many as the runner hands over at once. */
const AT_ONCE = 500;

/** Writes rows of one task in a process of its own, so that its memory is nobody else's: `product` or `load-data`. */
async function main([way, rows]: string[]): Promise<void> {
  const settings = loadSettings({ environment: env });
  const written = await (way === 'product' ? writeAsProduct : loadData)(settings, Number(rows));
  process.stdout.write(`${JSON.stringify(written)}\n`);
}

async function writeAsProduct(settings: Settings, rows: number): Promise<Written> {
  const services = await openServices(settings);
  const logs = services.get(TaskLogsService);
  const written = await measure(async () => {
    for (let from = 0; from < rows; from += AT_ONCE) {
      await logs.insertTaskLogs('written', makeLogs(from, Math.min(AT_ONCE, rows - from)));
    }
  });
  await services.close();
  return written;
}

/** The yardstick: the server's own way of reading rows, one statement and one transaction for all of them. */
async function loadData(settings: Settings, rows: number): Promise<Written> {
  const { username: user, password, database } = settings.mysql.flames;
  const address = serverAddress('flames', settings.mysql.flames);
  const connection = await createConnection({ ...address, user, password, database, charset: 'utf8mb4_unicode_ci' });
  const written = await measure(() =>
    connection.query({
      sql: `LOAD DATA LOCAL INFILE 'rows' INTO TABLE task_flames_logs CHARACTER SET utf8mb4 (${COLUMNS})`,
      infileStreamFactory: () => Readable.from(linesOf(rows), { objectMode: false }),
    }),
  );
  await connection.end();
  return written;
}

function* linesOf(rows: number): Generator<Buffer> {
  for (let from = 0; from < rows; from += AT_ONCE) {
    const lines = makeLogs(from, Math.min(AT_ONCE, rows - from)).map(
      ({ dimension, predicted, prompt, response, itemKey, repeatNo }) =>
        `written\t${dimension}\t${predicted}\t${escape(prompt)}\t${escape(response)}\t${itemKey}\t${repeatNo}\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\\t\n]/g, '\\$&');
}

async function measure(work: () => Promise<unknown>): Promise<Written> {
  const startMib = process.memoryUsage.rss() / 1024 ** 2;
  const startedMs = monotonicMs();
  await work();
  const tookMs = monotonicMs() - startedMs;
  return { tookMs, startMib, peakMib: process.resourceUsage().maxRSS / 1024 };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
});
