import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import sharp from 'sharp';
import { ClientUsersService } from '../../../src/client/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { makePicture, type Uploaded } from '../../support/upload.js';
import { waitFor } from '../../support/wait-for.js';

const PASSWORD = 'correct horse';
const MIB = 1024 * 1024;
const UPLOAD = '/api/v2/upload/image';

describe('uploads (real: the API, MariaDB, disk)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let ann: ApiClient;
  let bob: ApiClient;
  let client: Database;
  let shared: Database;

  beforeAll(async () => {
    server = await startScratchServer({ overrides: { uploads: { maxPixels: 1_000_000 } } });
    const started = await startApi(server);
    app = started.app;
    for (const username of ['ann', 'bob']) await app.get(ClientUsersService).create({ username, password: PASSWORD });
    ann = await ApiClient.signIn(started.url, 'ann', PASSWORD);
    bob = await ApiClient.signIn(started.url, 'bob', PASSWORD);
    client = app.get<Database>(databaseToken('client'), { strict: false });
    shared = app.get<Database>(databaseToken('shared'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const formOf = (bytes: Buffer, name = 'cat.png', part = 'file') => {
    const form = new FormData();
    form.set(part, new Blob([new Uint8Array(bytes)], { type: 'image/png' }), name);
    return form;
  };
  const send = (form: FormData, key?: string) =>
    ann.send('POST', UPLOAD, form, key === undefined ? {} : { 'idempotency-key': key });
  const upload = (bytes: Buffer, name?: string) => ann.json<Uploaded>('POST', UPLOAD, formOf(bytes, name));
  const incoming = () => readdir(join(server.settings.storage.directory, 'incoming'));
  const codeOf = async (response: Response) => [
    response.status,
    ((await response.json()) as { code: string; message: string }).code,
  ];
  async function count(database: Database, table: string, where: string, value: string): Promise<number> {
    const [row] = await database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where} = ?`, [value]);
    return Number(row!.n);
  }

  it.each([
    ['jpeg', 'jpg'],
    ['png', 'png'],
    ['webp', 'webp'],
  ] as const)('C8 take a %s by its content, whatever it is called, and send it back', async (format, extension) => {
    const bytes = await makePicture(format);
    const answer = await ann.json<Uploaded>('POST', UPLOAD, formOf(bytes, '../../Ünï cat.gif'));
    const path = expect.stringMatching(new RegExp(`^\\d{4}/\\d{2}/[0-9a-f-]{36}\\.${extension}$`));
    expect(answer).toMatchObject({
      ...{ success: true, relative_path: path, file_id: expect.any(String), message: expect.any(String) },
      ...{ original_name: 'Ünï cat.gif', file_size: bytes.length, width: 24, height: 24 },
      ...{ filename: `${answer.file_id}.${extension}`, full_path: `/api/v2/uploads/${answer.relative_path}` },
    });
    const sent = await ann.send('GET', `/api/v2/uploads/${answer.relative_path}`);
    expect([sent.status, sent.headers.get('content-type')]).toEqual([200, `image/${format}`]);
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(bytes);
    const part = { range: 'bytes=0-9' };
    expect((await ann.send('GET', `/api/v2/uploads/${answer.relative_path}`, undefined, part)).status).toBe(206);
  });

  it('C8 keep one blob of equal bytes, and a file of each user', async () => {
    const bytes = await makePicture();
    const hash = createHash('sha256').update(bytes).digest('hex');
    const [one, other] = [await upload(bytes), await bob.json<Uploaded>('POST', UPLOAD, formOf(bytes))];
    expect(one.file_id).not.toBe(other.file_id);
    expect(await count(shared, 'blobs', 'hash', hash)).toBe(1);
    expect(await count(shared, 'global_files', 'is_temporary = 0 AND file_hash', hash)).toBe(2);
  });

  it('C8 say the size as it is shown, where the camera was turned', async () => {
    const bytes = await sharp(randomBytes(30 * 20 * 3), { raw: { width: 30, height: 20, channels: 3 } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(await upload(bytes)).toMatchObject({ width: 20, height: 30 });
  });

  describe('are refused with the reason, and leave nothing behind', () => {
    const cut = async (format: 'jpeg' | 'png' | 'webp') => {
      const bytes = await makePicture(format, 64);
      return formOf(bytes.subarray(0, bytes.length * 0.8));
    };
    const twoFiles = async () => {
      const form = formOf(await makePicture());
      form.append('file', new Blob(['x']), 'b.png');
      return form;
    };
    const textPart = () => {
      const form = new FormData();
      form.set('file', 'not a file');
      return form;
    };
    const bomb = () => sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'red' } }).png();
    const animation = async () => {
      const frames = { width: 8, height: 16, channels: 3, pageHeight: 8 } as const;
      return formOf(
        await sharp(randomBytes(8 * 16 * 3), { raw: frames })
          .webp({ delay: [10, 10] })
          .toBuffer(),
      );
    };
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
    const gif = async () =>
      formOf(
        await sharp(await makePicture())
          .gif()
          .toBuffer(),
      );
    const badFiles: [string, () => FormData | Promise<FormData>, number, string][] = [
      ['no part', () => new FormData(), 422, 'FILE_MISSING'],
      ['a text in the place of the file', textPart, 422, 'FILE_MISSING'],
      ['another name of the part', async () => formOf(await makePicture(), 'a.png', 'image'), 422, 'ONE_FILE_EXPECTED'],
      ['two files', twoFiles, 422, 'ONE_FILE_EXPECTED'],
      ['an empty file', () => formOf(Buffer.alloc(0)), 422, 'EMPTY_FILE'],
      ['a text called png', () => formOf(Buffer.from('hello')), 422, 'UNSUPPORTED_TYPE'],
      ['an SVG called png', () => formOf(Buffer.from(svg)), 422, 'UNSUPPORTED_TYPE'],
      ['a GIF called png', gif, 422, 'UNSUPPORTED_TYPE'],
      ['an animation', animation, 422, 'UNSUPPORTED_TYPE'],
      ['a JPEG that ends early', () => cut('jpeg'), 422, 'DAMAGED_PICTURE'],
      ['a PNG that ends early', () => cut('png'), 422, 'DAMAGED_PICTURE'],
      ['a small file of 81 million pixels', async () => formOf(await bomb().toBuffer()), 422, 'TOO_MANY_PIXELS'],
      ['a byte more than 10 MiB', () => formOf(Buffer.alloc(10 * MIB + 1)), 413, 'FILE_TOO_LARGE'],
      ['30 MiB', () => formOf(Buffer.alloc(30 * MIB)), 413, 'FILE_TOO_LARGE'],
    ];

    it.each(badFiles)('%s', async (_, make, status, code) => {
      expect(await codeOf(await send(await make()))).toEqual([status, code]);
      expect(await incoming()).toEqual([]);
    });

    it('a WebP that ends early', async () => {
      expect((await send(await cut('webp'))).status).toBe(422);
    });

    it('JSON in the place of a form', async () => {
      expect(await codeOf(await ann.send('POST', UPLOAD, { file: 'x' }))).toEqual([422, 'FILE_MISSING']);
    });

    it('a form whose end is missing', async () => {
      const body = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf';
      const answer = await ann.send('POST', UPLOAD, body, { 'content-type': 'multipart/form-data; boundary=b' });
      expect(await codeOf(answer)).toEqual([422, 'UPLOAD_BROKEN']);
      expect(await incoming()).toEqual([]);
    });

    it('a connection that breaks in the middle', async () => {
      const { port, hostname } = new URL(ann.baseUrl);
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      const head = ['content-type: multipart/form-data; boundary=b', 'content-length: 5000000', `host: ${hostname}`];
      const { authorization } = ann.headers();
      socket.write(`POST ${UPLOAD} HTTP/1.1\r\n${head.join('\r\n')}\r\nauthorization: ${authorization}\r\n\r\n`);
      socket.write(`--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n`);
      socket.write(Buffer.alloc(500_000));
      await waitFor(async () => (await incoming()).length > 0, { what: 'the first bytes on disk' });
      socket.destroy();
      await waitFor(async () => (await incoming()).length === 0, { what: 'the half file to go' });
    });
  });

  describe('under an Idempotency-Key', () => {
    it('I18 answer a repetition with the first answer, and keep one file', async () => {
      const bytes = await makePicture();
      const first = await (await send(formOf(bytes), 'key-1')).json();
      const again = await send(formOf(bytes), 'key-1');
      expect([again.headers.get('idempotency-replayed'), await again.json()]).toEqual(['true', first]);
      const hash = createHash('sha256').update(bytes).digest('hex');
      expect(await count(client, 'client_uploads', 'file_hash', hash)).toBe(1);
    });

    it('I18 refuse another file, and the same one by another name', async () => {
      const bytes = await makePicture();
      await send(formOf(bytes), 'key-2');
      expect(await codeOf(await send(formOf(await makePicture()), 'key-2'))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
      expect(await codeOf(await send(formOf(bytes, 'dog.png'), 'key-2'))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    });

    it('I18 store one file of twenty equal uploads at once; the others are told to wait, or get its answer', async () => {
      const bytes = await makePicture();
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(formOf(bytes), 'key-3')));
      const hash = createHash('sha256').update(bytes).digest('hex');
      expect(await count(client, 'client_uploads', 'file_hash', hash)).toBe(1);
      for (const answer of answers) expect([200, 409]).toContain(answer.status);
      expect((await send(formOf(bytes), 'key-3')).headers.get('idempotency-replayed')).toBe('true');
    });

    it('I18 answer 409 with Retry-After while the first is under way, and go on when its mark has expired', async () => {
      const bytes = await makePicture();
      await send(formOf(bytes), 'key-4');
      const mark = `UPDATE idempotency_keys SET state = 'in_flight', expires_at = ? ORDER BY id DESC LIMIT 1`;
      await client.run(mark, [new Date(Date.now() + 60_000)]);
      const early = await send(formOf(bytes), 'key-4');
      expect(early.headers.get('retry-after')).toBe('1');
      expect(await codeOf(early)).toEqual([409, 'REQUEST_IN_FLIGHT']);
      await client.run(mark, [new Date(Date.now() - 1)]);
      const late = await send(formOf(bytes), 'key-4');
      expect([late.status, late.headers.get('idempotency-replayed')]).toEqual([200, null]);
    });

    it('I18 remember nothing of a refused file', async () => {
      expect((await send(formOf(Buffer.from('hello')), 'key-5')).status).toBe(422);
      expect((await send(formOf(await makePicture()), 'key-5')).status).toBe(200);
    });
  });
});
