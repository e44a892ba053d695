import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fastify, type FastifyInstance } from 'fastify';
import { LocalBlobStore } from './local-blob-store.js';
import { sendBlob, type SentFile } from './send-blob.js';

describe('sendBlob', () => {
  let directory: string;
  let server: FastifyInstance;
  let file: SentFile;
  let url: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'blobs-'));
    const store = new LocalBlobStore(directory);
    const blob = await store.receive(Readable.from([Buffer.from('0123456789')]));
    await blob.commit();
    file = { fileHash: blob.hash, fileName: 'ten.png', mimeType: 'image/png' };
    // fetch keeps its connections open; closing waits for none of them.
    server = fastify({ forceCloseConnections: true });
    server.get('/', (_, reply) => sendBlob(store, file, reply));
    url = await server.listen({ host: '127.0.0.1', port: 0 });
  });

  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const get = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(url, { headers });
    return { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  };

  it('sends the whole file with its type, name and hash', async () => {
    const { statusCode, body, headers } = await get();
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: '0123456789' });
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '10',
      'content-disposition': 'inline; filename="ten.png"',
      'cache-control': 'private, no-cache',
      etag: `"${file.fileHash}"`,
    });
  });

  it('says that a browser has it already', async () => {
    const { statusCode, body } = await get({ 'if-none-match': `"other", W/"${file.fileHash}"` });
    expect({ statusCode, body }).toEqual({ statusCode: 304, body: '' });
    expect((await get({ 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it('sends a part', async () => {
    const { statusCode, body, headers } = await get({ range: 'bytes=2-4' });
    expect({ statusCode, body, range: headers['content-range'], length: headers['content-length'] }).toEqual({
      statusCode: 206,
      body: '234',
      range: 'bytes 2-4/10',
      length: '3',
    });
  });

  it('sends the whole where the part was asked for of other bytes', async () => {
    expect((await get({ range: 'bytes=2-4', 'if-range': '"other"' })).statusCode).toBe(200);
  });

  it('refuses a part outside of the file, readably', async () => {
    const answer = await get({ range: 'bytes=10-' });
    expect(answer.statusCode).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */10');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', detail: expect.any(String) });
  });

  it('has a file saved that could run scripts', async () => {
    file = { ...file, mimeType: 'image/svg+xml' };
    expect((await get()).headers['content-disposition']).toMatch(/^attachment/);
  });
});
