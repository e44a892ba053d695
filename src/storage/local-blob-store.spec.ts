import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BlobTooLargeError, LocalBlobStore } from './local-blob-store.js';

describe('LocalBlobStore', () => {
  let directory: string;
  let store: LocalBlobStore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'blobs-'));
    store = new LocalBlobStore(directory);
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('shows nothing under a hash until it is committed, then all of it', async () => {
    const blob = await store.receive(Readable.from([Buffer.from('hello '), Buffer.from('world')]));
    expect(await store.has(blob.hash)).toBe(false);
    await blob.commit();
    expect(blob.hash).toBe('b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9');
    expect(await store.sizeOf(blob.hash)).toBe(11);
    expect(await text(await store.open(blob.hash))).toBe('hello world');
    expect(await text(await store.open(blob.hash, { start: 6, end: 8 }))).toBe('wor');
  });

  it('keeps one blob for equal bytes', async () => {
    for (let time = 0; time < 2; time += 1) await (await store.receive(Readable.from([Buffer.from('same')]))).commit();
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('leaves nothing behind when the source breaks or is too large', async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('connection lost');
      })(),
    );
    await expect(store.receive(broken)).rejects.toThrow('connection lost');
    await expect(store.receive(Readable.from([Buffer.alloc(11)]), 10)).rejects.toThrow(BlobTooLargeError);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('survives a source that breaks before anything is read', async () => {
    const broken = new PassThrough();
    const receiving = store.receive(broken);
    broken.destroy(new Error('connection lost'));
    await expect(receiving).rejects.toThrow('connection lost');
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('refuses a name that is not a hash', async () => {
    await expect(store.open('../../etc/passwd')).rejects.toThrow('not a SHA-256');
  });

  it('I20 refuses a folder that belongs to another database', async () => {
    await store.claimFor('one');
    await store.claimFor('one');
    await expect(store.claimFor('two')).rejects.toThrow('belongs to another installation');
  });

  it('I20 says why nothing can be stored, and notices by itself when it can again', async () => {
    await writeFile(join(directory, 'incoming'), 'in the way');
    await expect(store.receive(Readable.from([Buffer.from('x')]))).rejects.toThrow('cannot be written');
    expect(await store.findProblem()).toContain('cannot be written');
    await rm(join(directory, 'incoming'));
    expect(await store.findProblem()).toBeUndefined();
  });
});
