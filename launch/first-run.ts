import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generatePassword, writePrivateFile } from '../src/config/index.js';
import type { Application } from './application.js';
import { LaunchError } from './launch-error.js';

export interface SignIn {
  username: string;
  password: string;
}

/** What `.data/first-run.json` holds, for people and for scripts. */
export interface FirstRun {
  baseUrl: string;
  client: SignIn;
  admin: SignIn;
}

export interface FirstUsers {
  path: string;
  /** Undefined where the users were made elsewhere and nobody wrote their passwords down. */
  firstRun?: FirstRun;
  /** True on the start that made a user: the only one that shows the passwords. */
  created: boolean;
}

/** Makes one client user and one admin on the first start, with passwords of their own. */
export async function ensureFirstUsers(application: Application, dataDir: string): Promise<FirstUsers> {
  const path = firstRunPath(dataDir);
  const kept = readFirstRun(dataDir);
  const firstRun = { ...(kept ?? makeFirstRun()), baseUrl: application.url };
  // Before the users: after a crash between the two the next start makes them with these passwords.
  writePrivateFile(path, firstRun);
  const { client, admin } = firstRun;
  const made = [
    await application.createClientUserIfAbsent(client.username, client.password),
    await application.createAdminIfAbsent(admin.username, admin.password),
  ];
  const created = made.some(Boolean);
  if (kept || created) return { path, firstRun, created };
  rmSync(path);
  return { path, created: false };
}

export function readFirstRun(dataDir: string): FirstRun | undefined {
  const path = firstRunPath(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FirstRun;
  } catch (error) {
    throw new LaunchError(`${path} is damaged. Remove it and set new passwords (npm run cli -- --help lists how).`, {
      cause: error,
    });
  }
}

function firstRunPath(dataDir: string): string {
  return join(dataDir, 'first-run.json');
}

function makeFirstRun(): Omit<FirstRun, 'baseUrl'> {
  return {
    client: { username: 'demo', password: generatePassword(16) },
    admin: { username: 'admin', password: generatePassword(16) },
  };
}
