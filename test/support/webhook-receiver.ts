import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/** A user's own server, which keeps what it was sent and answers as the test says. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** How the next ones are answered; 200 once they are used up. */
  readonly answers: ((response: ServerResponse) => void)[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString('utf8')));
      request.on('end', () => {
        this.received.push({ path: request.url!, headers: request.headers as Received['headers'], body });
        const answer = this.answers.shift() ?? ((to: ServerResponse) => to.writeHead(200).end('thanks'));
        answer(response);
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  url(host = '127.0.0.1'): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
