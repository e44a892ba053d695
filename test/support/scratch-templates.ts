import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedServer } from '../../launch/embedded-server.js';
import { LockFile, LockHeldError } from '../../launch/lock-file.js';
import { loadSettings, DATABASE_USERS, type Settings } from '../../src/config/index.js';
import { waitFor } from './wait-for.js';

export type SettingsTree = { [key: string]: unknown };

/** A data folder made once a run and copied for each server: `blank` is a new server, `initialised` has all databases. */
export async function getTemplate(kind: 'blank' | 'initialised'): Promise<string> {
  const template = join(runFolder(), kind);
  await waitFor(() => existsSync(template) || makeUnderLock(template, kind), {
    timeoutMs: 120_000,
    everyMs: 50,
    what: `the ${kind} template database, which another worker makes`,
  });
  return template;
}

export function runFolder(): string {
  const folder = process.env.SCRATCH_RUN_DIR;
  if (!folder) throw new Error('No run folder: this jest project lacks globalSetup test/support/global-setup.js.');
  return folder;
}

/** Settings of a scratch server; passwords are one run's own and known to all its workers. */
export function scratchSettings(folder: string, socketPath: string, overrides: SettingsTree = {}): Settings {
  const mysql = Object.fromEntries(
    DATABASE_USERS.map((user) => [
      user,
      { password: secretOfRun(user), ...(['migration', 'maintenance'].includes(user) ? {} : { socketPath }) },
    ]),
  );
  const base: SettingsTree = {
    mysql,
    server: { port: 0 },
    log: { level: 'silent', databaseLevel: 'silent' },
    dataDir: join(folder, 'data'),
    storage: { directory: join(folder, 'storage') },
    secrets: { signingKey: secretOfRun('signing'), encryptionKey: secretOfRun('encryption') },
  };
  return loadSettings({ environment: {}, file: '/nonexistent', overrides: merge(base, overrides) });
}

async function makeUnderLock(template: string, kind: 'blank' | 'initialised'): Promise<boolean> {
  let lock: LockFile<object>;
  try {
    ({ lock } = LockFile.take(`${template}.lock`));
  } catch (error) {
    if (error instanceof LockHeldError) return false;
    throw error;
  }
  try {
    if (!existsSync(template)) await makeTemplate(template, kind);
    return true;
  } finally {
    lock.release();
  }
}

async function makeTemplate(template: string, kind: 'blank' | 'initialised'): Promise<void> {
  const folder = `${template}-making`;
  rmSync(folder, { recursive: true, force: true });
  const server = await startEmbeddedServer({ dataDir: join(folder, 'mysql'), purpose: 'test' });
  try {
    if (kind === 'initialised') {
      const { initialiseDatabases } = await import('../../src/operations/index.js');
      const settings = scratchSettings(folder, server.socketPath);
      await initialiseDatabases({ settings, adminDsn: server.adminDsn, report: () => undefined });
    }
  } finally {
    await server.stop();
  }
  renameSync(join(folder, 'mysql'), template);
}

/** 32 bytes in base64, the same for all workers of a run and different in the next one. */
function secretOfRun(purpose: string): string {
  return createHash('sha256').update(`${runFolder()} ${purpose}`).digest('base64');
}

function merge(under: SettingsTree, over: SettingsTree): SettingsTree {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is SettingsTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
