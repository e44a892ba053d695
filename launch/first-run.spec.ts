import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from './application.js';
import { ensureFirstUsers, readFirstRun } from './first-run.js';

/** Users as the application keeps them, in memory. */
class Users implements Application {
  readonly passwords = new Map<string, string>();
  url = 'http://127.0.0.1:8000';
  close = () => Promise.resolve();
  countNodes = () => Promise.resolve(0);
  registerNode = () => Promise.resolve();
  createClientUserIfAbsent = (username: string, password: string) => this.create(`client ${username}`, password);
  createAdminIfAbsent = (username: string, password: string) => this.create(`admin ${username}`, password);

  private create(name: string, password: string): Promise<boolean> {
    if (this.passwords.has(name)) return Promise.resolve(false);
    this.passwords.set(name, password);
    return Promise.resolve(true);
  }
}

describe('the users of the first start', () => {
  let dataDir: string;
  let users: Users;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'cws-first-'));
    users = new Users();
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('get passwords of their own, written where only their owner reads', async () => {
    const { created, firstRun, path } = await ensureFirstUsers(users, dataDir);
    expect(created).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(firstRun);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(users.passwords.get(`client ${firstRun?.client.username}`)).toBe(firstRun?.client.password);
    expect(users.passwords.get(`admin ${firstRun?.admin.username}`)).toBe(firstRun?.admin.password);
    expect(firstRun?.client.password).not.toBe(firstRun?.admin.password);
  });

  it('are made once; a later start keeps the file and notes its own address', async () => {
    const first = await ensureFirstUsers(users, dataDir);
    users.url = 'http://127.0.0.1:8001';
    const second = await ensureFirstUsers(users, dataDir);
    expect(second.created).toBe(false);
    expect(second.firstRun).toEqual({ ...first.firstRun, baseUrl: 'http://127.0.0.1:8001' });
    expect(readFirstRun(dataDir)?.baseUrl).toBe('http://127.0.0.1:8001');
  });

  it('get the written passwords where the first start ended between file and database', async () => {
    const first = await ensureFirstUsers(users, dataDir);
    users.passwords.clear();
    const second = await ensureFirstUsers(users, dataDir);
    expect(second.created).toBe(true);
    expect(second.firstRun).toEqual(first.firstRun);
  });

  it('leave no file with invented passwords where the users were made elsewhere', async () => {
    users.passwords.set('client demo', 'unknown').set('admin admin', 'unknown');
    const { firstRun, path } = await ensureFirstUsers(users, dataDir);
    expect(firstRun).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });
});
