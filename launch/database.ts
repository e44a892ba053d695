import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError, withSecrets, type DatabaseSettings, type Settings } from '../src/config/index.js';
import { findRunningServer, startEmbeddedServer, type EmbeddedServer } from './embedded-server.js';
import { obtainServerBinary, type Say } from './install-server.js';
import { LaunchError } from './launch-error.js';
import { LockHeldError } from './lock-file.js';

/** The databases as this machine has them: settings that reach them, and the way to close what was opened. */
export interface Database {
  settings: Settings;
  /** Root's address: a private server's own, or DB_ADMIN_DSN where a server is configured. */
  adminDsn?: string;
  isPrivate: boolean;
  /** A private server's data folder was made just now. */
  isNew: boolean;
  /** For people, one line. */
  description: string;
  close(): Promise<void>;
}

const NAMES = ['client', 'admin', 'shared', 'flames'] as const;

/** Uses the configured servers, or a private one that already runs, or starts one. */
export async function openDatabase(settings: Settings, say: Say): Promise<Database> {
  if (!needsPrivateServer(settings)) return configured(settings);
  const running = findRunningServer(serverFolder(settings));
  if (running) {
    const { serverType } = settings.mysql;
    return {
      settings: reachedBySocket(settings, running.socketPath, serverType),
      adminDsn: running.adminDsn,
      isPrivate: true,
      isNew: false,
      description: `private server of another process, socket ${running.socketPath}`,
      close: () => Promise.resolve(),
    };
  }
  return startPrivate(settings, say);
}

export function needsPrivateServer({ mysql }: Settings): boolean {
  const without = NAMES.filter((name) => !mysql[name].host && !mysql[name].socketPath);
  if (without.length > 0 && without.length < NAMES.length)
    throw new SettingsError(
      without.map((name) => `mysql.${name} holds neither host nor socket_path, while other databases have one.`),
    );
  return without.length > 0;
}

function configured(settings: Settings): Database {
  const { host, port, socketPath } = settings.mysql.shared;
  return {
    settings: withSecrets(settings),
    adminDsn: process.env.DB_ADMIN_DSN || undefined,
    isPrivate: false,
    isNew: false,
    description: `configured server ${socketPath || `${host}:${port}`}`,
    close: () => Promise.resolve(),
  };
}

async function startPrivate(settings: Settings, say: Say): Promise<Database> {
  const binary = obtainServerBinary(say);
  const start = (preferredPort?: number) =>
    startEmbeddedServer({ dataDir: serverFolder(settings), purpose: 'user', binary, preferredPort });
  const isNew = !existsSync(serverFolder(settings));
  let server = await start().catch(explainHeldLock);
  let closed = false;
  const watch = (running: EmbeddedServer) =>
    running.onUnexpectedEnd(() => {
      if (closed) return;
      say(`The private database server ended by itself (see ${serverFolder(settings)}.log); it is started again.`);
      start(running.port).then(
        (next) => watch((server = next)),
        (error: unknown) => say(`It does not start again: ${(error as Error).message}`),
      );
    });
  watch(server);
  return {
    settings: reachedBySocket(settings, server.socketPath, binary.kind),
    adminDsn: server.adminDsn,
    isPrivate: true,
    isNew,
    description: `private server (${binary.kind} ${binary.version.split(/[ -]/)[0]}), 127.0.0.1:${server.port}, socket ${server.socketPath}`,
    close: () => {
      closed = true;
      return server.stop();
    },
  };
}

function explainHeldLock(error: unknown): never {
  if (!(error instanceof LockHeldError)) throw error;
  throw new LaunchError(
    `Process ${error.content.owner.pid} is just starting the private database server of ${error.path}; try again when it has.`,
  );
}

function serverFolder(settings: Settings): string {
  return join(settings.dataDir, 'mysql');
}

function reachedBySocket(settings: Settings, socketPath: string, serverType: 'mariadb' | 'mysql'): Settings {
  const complete = withSecrets(settings);
  const mysql = { ...complete.mysql, serverType };
  for (const name of NAMES) mysql[name] = { ...mysql[name], socketPath } satisfies DatabaseSettings;
  return { ...complete, mysql };
}
