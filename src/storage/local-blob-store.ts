import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, statfs, writeFile, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { NotFoundError, UnavailableError } from '../common/index.js';
import type { BlobStore, ReceivedBlob, StorageSpace, WithdrawnBlob } from './blob-store.js';

/** What the disk says when it, and not the bytes, is at fault (I20): full, read-only, gone, broken. */
const DISK_TROUBLE = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
]);

const LEFTOVER_AFTER_MS = 24 * 3_600_000;

/** More than the limit that `receive` was given. */
export class BlobTooLargeError extends Error {}

/**
 * Blobs on the local disk: `blobs/ab/cd/<hash>`. Bytes are written to `incoming/`, synced, and renamed, so that
 * a name either holds all of its bytes or is not there, whatever is killed.
 */
export class LocalBlobStore implements BlobStore {
  private readonly root: string;
  private hasTrouble = false;

  constructor(directory: string) {
    this.root = resolve(directory);
  }

  async receive(source: Readable, limitBytes = Infinity): Promise<ReceivedBlob> {
    // It may break before its first byte is asked for: unheard, that would end the process.
    source.on('error', () => undefined);
    const path = join(this.root, 'incoming', randomUUID());
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await this.onDisk(() => inFolder(dirname(path), () => open(path, 'wx', 0o640)));
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) throw new BlobTooLargeError(`more than ${limitBytes} bytes`);
        hash.update(chunk);
        await this.onDisk(() => file.writeFile(chunk));
      }
      await this.onDisk(() => file.sync());
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    await file.close();
    const digest = hash.digest('hex');
    return {
      hash: digest,
      sizeBytes,
      path,
      commit: () => this.onDisk(() => this.commit(path, digest)),
      discard: () => rm(path, { force: true }),
    };
  }

  async has(hash: string): Promise<boolean> {
    try {
      await stat(this.pathOf(hash));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  async sizeOf(hash: string): Promise<number> {
    const found = await stat(this.pathOf(hash)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (found) return found.size;
    throw new NotFoundError('The file is recorded, but not in our storage any more.', 'FILE_MISSING');
  }

  async open(hash: string, range?: { start: number; end: number }): Promise<Readable> {
    const path = this.pathOf(hash);
    await stat(path);
    return createReadStream(path, range ?? {});
  }

  async measureSpace(): Promise<StorageSpace> {
    const { bsize, blocks, bavail } = await statfs(this.root);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  async findProblem(): Promise<string | undefined> {
    if (!this.hasTrouble) return undefined;
    const probe = join(this.root, 'incoming', `probe-${randomUUID()}`);
    try {
      await this.onDisk(async () => {
        await mkdir(dirname(probe), { recursive: true });
        await writeFile(probe, 'probe', { flush: true });
      });
      this.hasTrouble = false;
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
  }

  async withdraw(hash: string): Promise<WithdrawnBlob> {
    const target = this.pathOf(hash);
    const aside = join(this.root, 'withdrawn', `${hash}-${randomUUID()}`);
    await mkdir(dirname(aside), { recursive: true });
    const isThere = await rename(target, aside).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    // Gone for good before its row goes: a file that came back after a power cut would belong to nobody.
    if (isThere) await syncFolder(dirname(target));
    return {
      discard: () => rm(aside, { force: true }),
      restore: async () => {
        if (!isThere) return;
        await link(aside, target).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
        await syncFolder(dirname(target));
        await rm(aside, { force: true });
      },
    };
  }

  /**
   * Pairs this folder with one database: its marker file holds the installation's id. A folder that has another's
   * id, or blobs but no marker, or no marker though the database names files (a disk that is not mounted), is refused:
   * results would be missing there, or the sweep would delete another's (I20).
   */
  async claimFor(installationId: string, { mustHoldFiles = false } = {}): Promise<void> {
    const marker = join(this.root, 'store.json');
    await this.onDisk(() => mkdir(join(this.root, 'blobs'), { recursive: true }));
    const text = await readFile(marker, 'utf8').catch(() => undefined);
    await this.dropLeftovers();
    const owner = text === undefined ? undefined : (JSON.parse(text) as { installationId?: string }).installationId;
    if (owner === installationId) return;
    if (owner !== undefined || mustHoldFiles || (await readdir(join(this.root, 'blobs'))).length > 0) {
      throw new UnavailableError(
        `The storage folder ${this.root} belongs to another installation (${owner ?? 'its marker file store.json is missing'}); ` +
          `this database is ${installationId}. Point storage.directory at the right folder, or mount it.`,
        'STORE_MISMATCH',
      );
    }
    await this.onDisk(async () => {
      const partial = `${marker}.${process.pid}.partial`;
      await writeFile(partial, `${JSON.stringify({ installationId })}\n`, { flush: true });
      await rename(partial, marker);
    });
  }

  /** What a kill left half received or half removed: nothing that is still under way is a day old. */
  private async dropLeftovers(): Promise<void> {
    for (const folder of ['incoming', 'withdrawn'].map((name) => join(this.root, name))) {
      for (const name of await readdir(folder).catch(() => [])) {
        const found = await stat(join(folder, name)).catch(() => undefined);
        // The time of the last rename: the bytes themselves may be years old.
        if (found && Date.now() - found.ctimeMs > LEFTOVER_AFTER_MS) await rm(join(folder, name), { force: true });
      }
    }
  }

  private async commit(path: string, hash: string): Promise<void> {
    const target = this.pathOf(hash);
    await inFolder(dirname(target), () => rename(path, target));
    // The rename is durable only once its folder is.
    await syncFolder(dirname(target));
  }

  private pathOf(hash: string): string {
    // A hash is the only thing that ever becomes a path: nothing that a user sends can reach outside.
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('not a SHA-256');
    return join(this.root, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);
  }

  private async onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!DISK_TROUBLE.has(code)) throw error;
      this.hasTrouble = true;
      throw new UnavailableError(`The storage folder cannot be written (${code}).`, 'STORAGE_UNAVAILABLE', {
        cause: error,
      });
    }
  }
}

/** Makes the folder only where it is missing: it was made long ago, nearly always. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true });
    return work();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
