import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TcpProxy } from './tcp-proxy.js';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;

  beforeEach(async () => {
    server = createServer((request, response) => request.pipe(response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    proxy = await TcpProxy.start((server.address() as AddressInfo).port, () => 0.5);
  });

  afterEach(async () => {
    await proxy.close();
    server.close().closeAllConnections();
  });

  const echo = async (text: string) => {
    const answer = await fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body: text });
    return answer.text();
  };

  it('carries everything, in order', async () => {
    const text = 'storm '.repeat(500_000);
    expect((await echo(text)) === text).toBe(true);
    expect(proxy.hits).toBe(0);
  });

  it('delays', async () => {
    proxy.setWeather({ delayMs: 60 });
    const from = performance.now();
    expect(await echo('late')).toBe('late');
    expect(performance.now() - from).toBeGreaterThan(115);
    expect(proxy.hits).toBeGreaterThan(0);
  });

  it('holds back what TCP would have to send again, and loses none of it', async () => {
    let asked = 0;
    const lossy = await TcpProxy.start((server.address() as AddressInfo).port, () => (asked++ % 3 === 0 ? 0 : 1));
    lossy.setWeather({ lossShare: 0.1 });
    const from = performance.now();
    const answer = await fetch(`http://127.0.0.1:${lossy.port}/`, { method: 'POST', body: 'twice' });
    expect(await answer.text()).toBe('twice');
    expect(performance.now() - from).toBeGreaterThan(190);
    await lossy.close();
  });

  it('keeps silent until it is told to go on', async () => {
    proxy.setWeather({ isHeld: true });
    let isAnswered = false;
    const answer = echo('held').finally(() => (isAnswered = true));
    await once(server, 'connection');
    expect(isAnswered).toBe(false);
    proxy.setWeather({});
    expect(await answer).toBe('held');
  });

  it('cuts what is connected, and takes new connections', async () => {
    proxy.setWeather({ isHeld: true });
    const answer = echo('cut');
    await once(server, 'connection');
    proxy.cut();
    await expect(answer).rejects.toThrow('fetch failed');
    proxy.setWeather({});
    expect(await echo('again')).toBe('again');
  });
});
