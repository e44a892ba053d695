import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.schema.js';
import { SettingsError } from './settings.error.js';

/** What `.data/secrets.json` holds (mode 600): made once, kept for ever, never printed. */
interface SecretsFile {
  signingKey: string;
  encryptionKey: string;
  /** Of users that a later release added a file holds none. */
  databasePasswords: Partial<Record<DatabaseUser, string>>;
}

export const DATABASE_USERS = ['client', 'admin', 'shared', 'flames', 'migration', 'maintenance'] as const;
export type DatabaseUser = (typeof DATABASE_USERS)[number];

/** Fills every secret that file and environment left empty from `.data/secrets.json`, which it makes where missing. */
export function withSecrets(settings: Settings): Settings {
  const { signingKey, encryptionKey } = settings.secrets;
  const complete = signingKey && encryptionKey && DATABASE_USERS.every((user) => settings.mysql[user].password);
  if (complete) return settings;
  const stored = readOrMake(join(settings.dataDir, 'secrets.json'));
  const mysql = { ...settings.mysql };
  for (const user of DATABASE_USERS) {
    const section = mysql[user];
    Object.assign(mysql, { [user]: { ...section, password: section.password || storedPassword(stored, user) } });
  }
  return {
    ...settings,
    mysql,
    secrets: {
      signingKey: signingKey || stored.signingKey,
      encryptionKey: encryptionKey || stored.encryptionKey,
    },
  };
}

/** One that the file lacks follows from its key: every process finds the same, and the file stays as it was backed up. */
function storedPassword({ databasePasswords, signingKey }: SecretsFile, user: DatabaseUser): string {
  return databasePasswords[user] ?? createHmac('sha256', signingKey).update(`database user ${user}`).digest('hex');
}

function readOrMake(path: string): SecretsFile {
  if (existsSync(path)) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as SecretsFile;
    } catch (error) {
      throw new SettingsError([`${path} is damaged; restore it from a backup (the database passwords are in it).`], {
        cause: error,
      });
    }
  }
  const secrets: SecretsFile = {
    signingKey: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
    databasePasswords: Object.fromEntries(DATABASE_USERS.map((user) => [user, generatePassword(24)])),
  };
  writePrivateFile(path, secrets);
  return secrets;
}

/** Readable by its owner alone, and whole or not there: written beside and renamed. */
export function writePrivateFile(path: string, content: unknown): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path);
}

/** Letters and digits without those that look alike, from the system's random source. */
export function generatePassword(length: number): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
  let password = '';
  while (password.length < length) {
    for (const byte of randomBytes(length)) {
      // 224 is the largest multiple of 56 in a byte: above it a letter would be likelier than another.
      if (byte < 224 && password.length < length) password += alphabet[byte % alphabet.length];
    }
  }
  return password;
}
