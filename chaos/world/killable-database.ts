import { startEmbeddedServer, type EmbeddedServer } from '../../launch/embedded-server.js';
import { obtainServerBinary } from '../../launch/install-server.js';
import type { ServerBinary } from '../../launch/server-binary.js';

/** A private server as `npm start` runs it, every commit flushed, that comes back on its port after a kill. */
export class KillableDatabase {
  private ended: Promise<void> = Promise.resolve();
  private isClosed = false;

  private constructor(
    private readonly dataDir: string,
    readonly binary: ServerBinary,
    private server: EmbeddedServer,
  ) {
    this.watch();
  }

  static async start(dataDir: string, say: (line: string) => void): Promise<KillableDatabase> {
    const binary = obtainServerBinary(say);
    return new KillableDatabase(dataDir, binary, await startEmbeddedServer({ dataDir, purpose: 'user', binary }));
  }

  get adminDsn(): string {
    return this.server.adminDsn;
  }

  get socketPath(): string {
    return this.server.socketPath;
  }

  get port(): number {
    return this.server.port!;
  }

  async kill(): Promise<void> {
    process.kill(this.server.pid, 'SIGKILL');
    await this.ended;
  }

  async start(): Promise<void> {
    if (this.isClosed) return;
    const { dataDir, binary, port } = this;
    this.server = await startEmbeddedServer({ dataDir, purpose: 'user', binary, preferredPort: port });
    if (this.port !== port) throw new Error(`Port ${port} of the database was taken while it was down.`);
    this.watch();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return this.server.stop();
  }

  private watch(): void {
    this.ended = new Promise((resolve) => this.server.onUnexpectedEnd(resolve));
  }
}
