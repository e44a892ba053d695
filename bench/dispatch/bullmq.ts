import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { monotonicMs } from '../report.js';

/** `always`: what was acknowledged is on the disk, as after a commit of ours; `everysec`: up to a second is lost. */
export type Flush = 'always' | 'everysec';

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** BullMQ on a Redis of its own, in a temporary folder and on a free port of this machine alone. */
export class BullMq {
  private constructor(
    private readonly redis: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(flush: Flush): Promise<BullMq> {
    const folder = await mkdtemp(join(tmpdir(), 'cws-bench-redis-'));
    const port = await freePort();
    const options = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: flush };
    const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const redis = spawn('redis-server', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    let written = '';
    for await (const text of redis.stdout) {
      written += String(text);
      if (written.includes('Ready to accept connections')) break;
    }
    if (redis.exitCode !== null) throw new Error(`redis-server did not start: ${written}`);
    redis.stdout.resume();
    return new BullMq(redis, folder, port);
  }

  /** No-op jobs a second, from a queue that is full at the start. */
  async drain(count: number, concurrency: number): Promise<number> {
    const connection = { host: '127.0.0.1', port: this.port };
    const queue = new Queue('bench', { connection });
    await queue.addBulk(Array.from({ length: count }, (_, index) => ({ name: 'no-op', data: { index } })));
    const worker = new Worker('bench', () => Promise.resolve(), {
      connection,
      concurrency,
      autorun: false,
    });
    await worker.waitUntilReady();
    let completed = 0;
    const startedMs = monotonicMs();
    const isDrained = new Promise<void>((resolve) => {
      worker.on('completed', () => {
        completed += 1;
        if (completed === count) resolve();
      });
    });
    void worker.run();
    await isDrained;
    const seconds = (monotonicMs() - startedMs) / 1_000;
    await worker.close();
    await queue.obliterate();
    await queue.close();
    return count / seconds;
  }

  async stop(): Promise<void> {
    this.redis.kill('SIGTERM');
    if (this.redis.exitCode === null) await once(this.redis, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
