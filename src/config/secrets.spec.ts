import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASE_USERS, generatePassword, loadSettings, SettingsError, withSecrets } from './index.js';

describe('secrets made at the first start', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'cws-secrets-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const load = (environment: NodeJS.ProcessEnv = {}) =>
    withSecrets(loadSettings({ environment: { ...environment, DATA_DIR: dataDir }, file: 'none' }));

  it('fill every empty password and key, each with another value', () => {
    const { mysql, secrets } = load();
    const all = [...DATABASE_USERS.map((user) => mysql[user].password), secrets.signingKey, secrets.encryptionKey];
    expect(all.every((secret) => secret.length >= 24)).toBe(true);
    expect(new Set(all).size).toBe(all.length);
    expect(Buffer.from(secrets.encryptionKey, 'base64')).toHaveLength(32);
  });

  it('lie in a file that its owner alone can read, and stay the same', () => {
    const first = load();
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(load()).toEqual(first);
  });

  it('give way to the environment, which is not written down', () => {
    const { mysql } = load({ MYSQL_CLIENT_PASSWORD: 'from the environment' });
    expect(mysql.client.password).toBe('from the environment');
    expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).not.toContain('from the environment');
  });

  it('stop the start when their file is damaged, and never are made anew over it', () => {
    load();
    writeFileSync(join(dataDir, 'secrets.json'), '{');
    expect(() => load()).toThrow(SettingsError);
    expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toBe('{');
  });

  it('avoid letters that look alike', () => {
    expect(generatePassword(2_000)).toMatch(/^[A-HJ-NP-Za-km-np-z2-9]{2000}$/);
  });

  it('know the password of a user that a later release added, in every process the same, and leave the file as it is', () => {
    const { mysql } = load();
    const path = join(dataDir, 'secrets.json');
    const { databasePasswords, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as { databasePasswords: object };
    const older = JSON.stringify({ ...rest, databasePasswords: { ...databasePasswords, maintenance: undefined } });
    writeFileSync(path, older);
    const [first, second] = [load(), load()];
    expect(first.mysql.maintenance.password).toHaveLength(64);
    expect(second.mysql.maintenance).toEqual(first.mysql.maintenance);
    expect(first.mysql.migration).toEqual(mysql.migration);
    expect(readFileSync(path, 'utf8')).toBe(older);
  });
});
