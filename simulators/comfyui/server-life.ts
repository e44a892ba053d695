import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { PromptWorker } from './execution/prompt-worker.js';
import { Workplace } from './execution/workplace.js';
import type { FaultBoard } from './faults.js';
import { features, inspectionRoutes } from './http/inspection.routes.js';
import { isForeignOrigin } from './http/origin.js';
import { promptRoutes } from './http/prompt.routes.js';
import { queueRoutes } from './http/queue.routes.js';
import { requestUrl, Router } from './http/router.js';
import { simulatorRoutes } from './http/simulator.routes.js';
import { uploadRoutes } from './http/upload.routes.js';
import { viewRoutes } from './http/view.routes.js';
import { nodeTable } from './nodes/node-table.js';
import type { PromptLog } from './prompt-log.js';
import { History } from './queue/history.js';
import { PromptQueue } from './queue/prompt-queue.js';
import type { SimulatorOptions } from './simulator-options.js';
import { Sockets } from './sockets.js';
import type { Storage } from './storage.js';

interface Belongings {
  options: SimulatorOptions;
  storage: Storage;
  faults: FaultBoard;
  log: PromptLog;
  /** Called when a fault kills this life. */
  die: () => void;
}

/** One life of the server process: all that a node loses when it dies. Queue, history, cache, sockets, worker. */
export class ServerLife {
  private readonly ending = new AbortController();
  private readonly queue = new PromptQueue(() => this.sockets.sendStatus());
  private readonly history: History;
  private readonly sockets: Sockets;
  private readonly worker: PromptWorker;
  private readonly http: Server;
  private readonly faults: FaultBoard;
  private working: Promise<void> = Promise.resolve();

  constructor({ options, storage, faults, log, die }: Belongings) {
    this.faults = faults;
    this.history = new History(options.maxHistory);
    const { queue, history } = this;
    const { signal } = this.ending;
    const classes = nodeTable;
    const catalog = { models: options.models, storage };
    const questions = {
      remaining: () => queue.remaining,
      currentNode: (clientId: string) => this.worker.currentNode(clientId),
      features: () => features(options),
    };
    this.sockets = new Sockets(questions, options.staleSocketTrap);
    const place = new Workplace({ classes, catalog, sockets: this.sockets, faults, options, signal, die });
    this.worker = new PromptWorker({ queue, history, place, faults, log });
    const routes = [
      ...promptRoutes({ queue, classes, catalog, faults, log }),
      ...queueRoutes({ queue, history, interrupt: place.interrupt, worker: this.worker, log, faults }),
      ...viewRoutes(storage, faults),
      ...uploadRoutes(storage, faults),
      ...inspectionRoutes(classes, catalog, options),
      ...simulatorRoutes(faults, log),
    ];
    const router = new Router(routes, faults, options.maxUploadBytes, signal);
    this.http = createServer((request, response) => {
      router.handle(request, response).catch(() => response.destroy());
    });
    this.http.on('upgrade', (request, connection, head) => this.upgrade(request, connection, head));
  }

  /** Whether anything will still happen by itself. */
  get isBusy(): boolean {
    return this.queue.remaining > 0 && !this.worker.isDead;
  }

  /** Begins to listen and to work; gives the port, which 0 leaves to the system. */
  async begin(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, resolve);
    });
    this.working = this.worker.work();
    return (this.http.address() as AddressInfo).port;
  }

  /** Leaves nothing behind: no connection, no timer, no half-done work. `abruptly` says good-bye to nobody. */
  async end(abruptly: boolean): Promise<void> {
    this.ending.abort();
    if (abruptly) this.sockets.terminateAll();
    this.sockets.closeAll();
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await Promise.all([closed, this.working]);
  }

  private upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    const url = requestUrl(request);
    if (this.faults.take('refuse', url.pathname)) return void connection.destroy();
    if (url.pathname === '/ws' && !isForeignOrigin(request)) {
      return this.sockets.accept(request, connection, head, url.searchParams.get('clientId'));
    }
    const status = url.pathname === '/ws' ? '403 Forbidden' : '404 Not Found';
    connection.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
}
