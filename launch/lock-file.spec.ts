import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockFile, LockHeldError, readLiveLock } from './lock-file.js';
import { identifySelf } from './process-identity.js';

describe('a lock file', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cws-lock-'));
    path = join(folder, 'some.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const take = () => LockFile.take<{ url: string }>(path);
  const leaveBehind = (owner: { pid: number; startedAt: string }, url: string) =>
    writeFileSync(path, JSON.stringify({ owner, url }));

  it('is held by one process at a time, which the refusal names', () => {
    const { lock } = take();
    expect(take).toThrow(LockHeldError);
    expect(take).toThrow(`Process ${process.pid} `);
    lock.release();
    expect(take).not.toThrow();
  });

  it('tells others what its holder wrote, and to nobody but its owner', () => {
    const { lock } = take();
    lock.update({ url: 'http://127.0.0.1:8000' });
    expect(readLiveLock<{ url: string }>(path)?.url).toBe('http://127.0.0.1:8000');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    lock.release();
    expect(readLiveLock(path)).toBeUndefined();
  });

  it('falls to the next where its holder died, with what that one had written', () => {
    // A pid in use again by another process: the start time tells the two apart.
    leaveBehind({ pid: process.pid, startedAt: 'long ago' }, 'http://old');
    expect(readLiveLock(path)).toBeUndefined();
    const { left } = take();
    expect(left).toMatchObject({ url: 'http://old' });
    expect(readLiveLock(path)?.owner).toEqual(identifySelf());
  });

  it('falls to the next where its file was cut off', () => {
    writeFileSync(path, '{"owner":');
    expect(take().left).toBeUndefined();
  });

  it('leaves no other file behind', () => {
    leaveBehind({ pid: process.pid, startedAt: 'long ago' }, 'http://old');
    take();
    expect(readdirSync(folder)).toEqual(['some.lock']);
    expect(existsSync(path)).toBe(true);
  });
});
