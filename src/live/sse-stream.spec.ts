import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { encodeEvent } from './sse-event.js';
import { SseStream } from './sse-stream.js';

const MAX_BUFFERED_BYTES = 100_000;

describe('SseStream', () => {
  let server: Server;
  let reader: Socket;
  let response: ServerResponse;
  let closed: number;
  let stream: SseStream;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    reader.on('error', () => undefined).write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    closed = 0;
    stream = new SseStream(response, MAX_BUFFERED_BYTES, () => (closed += 1));
  });

  afterEach(() => {
    reader.destroy();
    server.close();
    server.closeAllConnections();
  });

  /** Lets sockets move what they can before the next event. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('drops a reader that takes nothing, with no more kept for it than is allowed and one event', async () => {
    const event = encodeEvent('progress', 'x'.repeat(50_000));
    let mostBytes = 0;
    let sent = 0;
    // What the two sockets hold themselves is a few MB.
    while (sent < 2_000 && stream.send(event)) {
      sent += 1;
      mostBytes = Math.max(mostBytes, response.writableLength);
      await settle();
    }
    expect(sent).toBeLessThan(2_000);
    expect(mostBytes).toBeGreaterThan(MAX_BUFFERED_BYTES);
    expect(mostBytes).toBeLessThan(MAX_BUFFERED_BYTES + 2 * event.length);
    await settle();
    expect([closed, response.destroyed, stream.send(event)]).toEqual([1, true, false]);
  });

  it('sends a reader that takes everything one event that is longer than may be kept', async () => {
    let length = 0;
    reader.on('data', (part) => (length += part.length)).resume();
    const ended = once(reader, 'end');
    expect(stream.send(encodeEvent('snapshot', 'x'.repeat(2_000_000)))).toBe(true);
    stream.end();
    await ended;
    expect(length).toBeGreaterThan(2_000_000);
    expect(closed).toBe(1);
  });

  it('says that a reader is gone who had left before the stream began', async () => {
    reader.destroy();
    await once(response, 'close');
    let isTold = false;
    const late = new SseStream(response, MAX_BUFFERED_BYTES, () => (isTold = true));
    expect(late.send(encodeEvent('status', 1))).toBe(false);
    await settle();
    expect(isTold).toBe(true);
  });
});

describe('encodeEvent', () => {
  it('writes one event as it goes over the wire, line breaks in its data escaped', () => {
    expect(encodeEvent('status', { text: 'a\nb' }, '7').toString()).toBe(
      'id: 7\nevent: status\ndata: {"text":"a\\nb"}\n\n',
    );
  });
});
