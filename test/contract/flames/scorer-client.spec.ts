import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ScorerClient } from '../../../src/flames/scoring/scorer-client.js';
import {
  ItemsRefusedError,
  ScorerBusyError,
  ScorerRefusedError,
  ScorerUnavailableError,
} from '../../../src/flames/scoring/scorer.js';

describe('an answer of a scorer (real: HTTP)', () => {
  it.each([
    [429, ScorerBusyError],
    [502, ScorerBusyError],
    [503, ScorerBusyError],
    [504, ScorerBusyError],
    [408, ScorerUnavailableError],
    [500, ScorerUnavailableError],
    [422, ItemsRefusedError],
    [404, ScorerRefusedError],
  ])('that has the status %i is told apart by its class alone', async (status, kind) => {
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new ScorerClient({
      baseUrl: `http://127.0.0.1:${port}`,
      apiKey: '',
      allowPrivate: true,
      timeoutMs: 5_000,
    });
    const error = await client.get('/score').catch((thrown: unknown) => thrown);
    expect((error as Error).constructor).toBe(kind);
    await client.close();
    server.close();
  });
});
