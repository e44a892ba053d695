import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { chooseFreePort } from './free-port.js';
import { LockFile, readLiveLock, type LockContent } from './lock-file.js';
import { lastLines, makeDataFolder } from './new-data-folder.js';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import { dataFolderArguments, purposeArguments, temporaryFolder, type ServerPurpose } from './server-arguments.js';
import { findServerBinary, type ServerBinary } from './server-binary.js';
import { endChild, hasEnded, spawnTied } from './tied-child.js';

export interface EmbeddedServerOptions {
  dataDir: string;
  purpose: ServerPurpose;
  /** Default: the one that this machine has. */
  binary?: ServerBinary;
  preferredPort?: number;
}

export interface EmbeddedServer {
  socketPath: string;
  /** On 127.0.0.1, for people's tools; a test server has none. */
  port?: number;
  /** `mysql://root@localhost/?socketPath=…`, as mysql2 takes it. */
  adminDsn: string;
  pid: number;
  /** Called once if the server ends without having been asked to. */
  onUnexpectedEnd(listener: () => void): void;
  stop(): Promise<void>;
}

interface ServerLockDetails {
  server: ProcessIdentity;
  socketPath: string;
  port: number;
}

// A unix socket's address holds 108 bytes with its closing zero.
const LONGEST_SOCKET_PATH = 107;
/** After a crash with much unwritten redo log the server first recovers. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/**
 * Runs a real MariaDB or MySQL server as our own child, on its own data folder, which it makes where there is none.
 * Throws a LockHeldError where another live process of ours runs a server on that folder.
 */
export async function startEmbeddedServer({ purpose, ...options }: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const dataDir = resolve(options.dataDir);
  const binary = options.binary ?? findServerBinary();
  if (!binary)
    throw new Error('No database server program (mariadbd or mysqld) was found; MARIADBD_PATH may name one.');
  const { lock, left } = LockFile.take<ServerLockDetails>(lockPath(dataDir));
  try {
    await outliveOrphan(left);
    makeDataFolder(binary, dataDir, purpose);
    mkdirSync(temporaryFolder(dataDir), { recursive: true, mode: 0o700 });
    const socketPath = chooseSocketPath(dataDir);
    const port = purpose === 'user' ? await chooseFreePort(options.preferredPort ?? left?.port) : undefined;
    const child = spawnServer(binary, { dataDir, purpose, socketPath, port });
    lock.update({ server: identifyProcess(child.pid ?? 0), socketPath, port });
    const adminDsn = `mysql://root@localhost/?socketPath=${encodeURIComponent(socketPath)}`;
    await waitUntilReady(child, adminDsn, logPath(dataDir));
    return makeHandle(child, lock, { socketPath, port, adminDsn });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The server that another live process runs on this folder, for commands that want to share it. */
export function findRunningServer(dataDir: string): { socketPath: string; adminDsn: string } | undefined {
  const socketPath = readLiveLock<ServerLockDetails>(lockPath(resolve(dataDir)))?.socketPath;
  if (!socketPath) return undefined;
  return { socketPath, adminDsn: `mysql://root@localhost/?socketPath=${encodeURIComponent(socketPath)}` };
}

function lockPath(dataDir: string): string {
  return `${dataDir}.lock`;
}

function logPath(dataDir: string): string {
  return `${dataDir}.log`;
}

interface Addresses {
  socketPath: string;
  port?: number;
  adminDsn: string;
}

function makeHandle(child: ChildProcess, lock: LockFile<ServerLockDetails>, addresses: Addresses): EmbeddedServer {
  let stopping: Promise<void> | undefined;
  return {
    ...addresses,
    pid: child.pid!,
    onUnexpectedEnd: (listener) =>
      child.once('exit', () => {
        if (stopping) return;
        lock.release();
        listener();
      }),
    stop: () => (stopping ??= endChild(child, STOP_LIMIT_MS).then(() => lock.release())),
  };
}

function spawnServer(
  binary: ServerBinary,
  {
    dataDir,
    purpose,
    socketPath,
    port,
  }: { dataDir: string; purpose: ServerPurpose; socketPath: string; port?: number },
): ChildProcess {
  return spawnTied({
    command: binary.path,
    arguments: [
      ...dataFolderArguments(binary, dataDir),
      ...purposeArguments(binary.kind, purpose),
      `--socket=${socketPath}`,
      `--pid-file=${join(dataDir, 'mysql.pid')}`,
      ...(port === undefined ? [] : ['--bind-address=127.0.0.1', `--port=${port}`]),
    ],
    environment: binary.environment,
    logPath: logPath(dataDir),
  });
}

/** The server of a launcher that was killed gets SIGTERM from the kernel, or here; its files are ours when it is gone. */
async function outliveOrphan(left: LockContent<ServerLockDetails> | undefined): Promise<void> {
  if (!left?.server || !isRunning(left.server)) return;
  process.kill(left.server.pid, 'SIGTERM');
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (isRunning(left.server)) {
    if (performance.now() > deadline)
      throw new Error(
        `The database server of an earlier start (process ${left.server.pid}) does not end; end it first.`,
      );
    await delay(25);
  }
}

async function waitUntilReady(child: ChildProcess, adminDsn: string, log: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await answers(adminDsn))) {
    if (failure ?? hasEnded(child)) {
      const said = existsSync(log) ? `It said (${log}):\n${lastLines(readFileSync(log, 'utf8'))}` : '';
      throw new Error(`The database server ended while starting. ${said}`, { cause: failure });
    }
    if (performance.now() > deadline) {
      await endChild(child, STOP_LIMIT_MS);
      throw new Error(`The database server did not answer within ${START_LIMIT_MS / 1000} s; its log is ${log}.`);
    }
    await delay(20);
  }
}

async function answers(adminDsn: string): Promise<boolean> {
  try {
    const connection = await createConnection(adminDsn);
    await connection.end();
    return true;
  } catch {
    return false; // not yet
  }
}

/** Beside the data where that is short enough, else in a folder of this user's alone, named after the data folder. */
export function chooseSocketPath(dataDir: string): string {
  const beside = join(dataDir, 'mysql.sock');
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_PATH) return beside;
  const folder = join(tmpdir(), `comfyui-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  // Someone else's folder of this name would let them stand in for the server.
  if (process.getuid && uid !== process.getuid())
    throw new Error(`${folder} is to hold the socket of ${basename(dataDir)}, but belongs to another user; remove it.`);
  chmodSync(folder, 0o700);
  return join(folder, 'mysql.sock');
}
