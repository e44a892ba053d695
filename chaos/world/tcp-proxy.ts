import { EventEmitter, once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How a link is at the moment: packets late, lost and sent again, or held back altogether. */
export interface Weather {
  delayMs?: number;
  lossShare?: number;
  isHeld?: boolean;
}

/** The shortest time after which TCP sends a lost packet again. */
const RETRANSMIT_MS = 200;

/** A TCP link that delays, loses, is silent or cut, and counts `hits`. As with TCP itself, bytes come late, but in order. */
export class TcpProxy {
  hits = 0;
  private weather: Weather = {};
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
    private readonly random: () => number,
  ) {}

  static async start(targetPort: number, random: () => number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => proxy.join(near));
    const proxy = new TcpProxy(server, targetPort, random);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  setWeather(weather: Weather): void {
    this.weather = weather;
    this.changes.emit('changed');
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.hits += this.sockets.size;
  }

  async close(): Promise<void> {
    this.setWeather({});
    this.cut();
    await new Promise((closed) => this.server.close(closed));
  }

  private join(near: Socket): void {
    const far = createConnection({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const end = () => [near, far].forEach((socket) => socket.resetAndDestroy());
    for (const socket of [near, far])
      this.sockets.add(socket.on('error', end).on('close', () => this.sockets.delete(socket)));
    Promise.all([this.carry(near, far), this.carry(far, near)]).catch(end);
  }

  private async carry(from: Socket, to: Socket): Promise<void> {
    for await (const packet of from as AsyncIterable<Buffer>) {
      await this.hold();
      if (!to.write(packet)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  }

  private async hold(): Promise<void> {
    const { delayMs = 0, lossShare = 0, isHeld } = this.weather;
    if (delayMs || lossShare || isHeld) this.hits += 1;
    if (delayMs) await delay(delayMs);
    for (let againMs = RETRANSMIT_MS; this.random() < lossShare; againMs *= 2) await delay(againMs);
    while (this.weather.isHeld) await once(this.changes, 'changed');
  }
}
