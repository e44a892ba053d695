import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identifySelf, isRunning, type ProcessIdentity } from './process-identity.js';

/** What a lock file says: who holds it, and whatever its holder wants others to know. */
export type LockContent<Details> = { owner: ProcessIdentity } & Partial<Details>;

export class LockHeldError extends Error {
  constructor(
    readonly path: string,
    readonly content: LockContent<Record<string, unknown>>,
  ) {
    super(`Process ${content.owner.pid} already holds ${path}.`);
    this.name = 'LockHeldError';
  }
}

/**
 * A file that one live process holds at a time. A holder that died without releasing it is recognised by its pid and
 * start time, so that a crash never stops the next start.
 */
export class LockFile<Details extends object> {
  private constructor(
    private readonly path: string,
    private content: LockContent<Details>,
  ) {}

  /** Takes the lock, or throws a LockHeldError; `left` is what a dead holder had written. */
  static take<Details extends object>(path: string): { lock: LockFile<Details>; left?: LockContent<Details> } {
    mkdirSync(dirname(path), { recursive: true });
    const content = { owner: identifySelf() } as LockContent<Details>;
    let left: LockContent<Details> | undefined;
    while (!createWhole(path, content)) {
      const held = read<Details>(path);
      if (held && isRunning(held.owner)) throw new LockHeldError(path, held);
      left = held ?? left;
      setAside(path, held);
    }
    return { lock: new LockFile(path, content), left };
  }

  update(details: Partial<Details>): void {
    this.content = { ...this.content, ...details };
    const partial = partialName(this.path);
    writeFileSync(partial, JSON.stringify(this.content), { mode: 0o600 });
    renameSync(partial, this.path);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

/** What the live holder of a lock says; undefined where nobody alive holds it. */
export function readLiveLock<Details extends object>(path: string): LockContent<Details> | undefined {
  const content = read<Details>(path);
  return content && isRunning(content.owner) ? content : undefined;
}

function read<Details extends object>(path: string): LockContent<Details> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockContent<Details>;
  } catch {
    return undefined; // gone, or damaged: nobody can be found through it
  }
}

/** A hard link appears with its content and fails where the name exists: two takers cannot both succeed. */
function createWhole(path: string, content: unknown): boolean {
  const partial = partialName(path);
  writeFileSync(partial, JSON.stringify(content), { mode: 0o600 });
  try {
    linkSync(partial, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Moves a dead holder's file away; if another taker was faster and this is its fresh lock, puts it back. */
function setAside(path: string, dead: { owner: ProcessIdentity } | undefined): void {
  const aside = `${partialName(path)}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another taker moved it first
  }
  const moved = read(aside);
  if (moved && moved.owner.startedAt !== dead?.owner.startedAt) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function partialName(path: string): string {
  return `${path}.${process.pid}.partial`;
}
