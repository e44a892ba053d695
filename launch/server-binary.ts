import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram, isExecutableFile } from './find-program.js';
import { LaunchError } from './launch-error.js';

/** A database server program and what it needs to run from where it lies. */
export interface ServerBinary {
  path: string;
  kind: 'mariadb' | 'mysql';
  /** As the program itself tells it, for people. */
  version: string;
  /** Where MariaDB's SQL files for a new data folder lie. */
  shareDir?: string;
  arguments: string[];
  environment: Record<string, string>;
}

const SERVER_NAMES = ['mariadbd', 'mysqld'];
const FOLDERS_BESIDE_PATH = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin'];
const HOMEBREW_OPT = ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'];

/** Where an ordinary user's unpacked copy of the server lies, shared by all checkouts of that user. */
export function unpackedServerFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'comfyui-web-service', 'mariadb');
}

/** Looks where MARIADBD_PATH or MYSQLD_PATH says, then on PATH and in the usual folders, then for an unpacked copy. */
export function findServerBinary(): ServerBinary | undefined {
  for (const variable of ['MARIADBD_PATH', 'MYSQLD_PATH']) {
    const path = process.env[variable];
    if (path) return describeNamed(variable, path);
  }
  const installed = findProgram(SERVER_NAMES, [...FOLDERS_BESIDE_PATH, ...homebrewFolders()]);
  return (installed ? describe(installed) : undefined) ?? describeUnpacked(unpackedServerFolder());
}

function describeNamed(variable: string, path: string): ServerBinary {
  const binary = isExecutableFile(path) ? describe(path) : undefined;
  if (binary) return binary;
  throw new LaunchError(`${variable} holds ${path}, which is not a mariadbd or mysqld program that runs here.`);
}

function describeUnpacked(root: string): ServerBinary | undefined {
  const path = join(root, 'usr', 'sbin', 'mariadbd');
  return isExecutableFile(path) ? describe(path, { LD_LIBRARY_PATH: libraryFolders(root).join(':') }) : undefined;
}

function describe(path: string, environment: Record<string, string> = {}): ServerBinary | undefined {
  const { status, stdout } = spawnSync(path, ['--no-defaults', '--version'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) return undefined;
  const kind = /MariaDB/i.test(stdout) ? 'mariadb' : 'mysql';
  // The real place, since Homebrew and Debian's alternatives give symbolic links.
  const prefix = dirname(dirname(realpathSync(path)));
  const shareDir = kind === 'mariadb' ? findShareFolder(prefix) : undefined;
  return {
    path,
    kind,
    version: stdout.trim().replace(/^.*?Ver\s+/, ''),
    shareDir,
    arguments: [`--basedir=${prefix}`, ...(shareDir ? [`--lc-messages-dir=${shareDir}`] : [])],
    environment,
  };
}

function findShareFolder(prefix: string): string | undefined {
  return ['share/mysql', 'share/mariadb', 'share']
    .map((folder) => join(prefix, folder))
    .find((folder) => ['mysql', 'mariadb'].some((name) => existsSync(join(folder, `${name}_system_tables.sql`))));
}

function homebrewFolders(): string[] {
  return HOMEBREW_OPT.filter(existsSync).flatMap((opt) =>
    readdirSync(opt)
      .filter((name) => /^(mariadb|mysql)(@|$)/.test(name))
      .map((name) => join(opt, name, 'bin')),
  );
}

/** Debian keeps libraries in a folder named after the processor: usr/lib/x86_64-linux-gnu. */
function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter(existsSync)
    .flatMap((folder) => [
      folder,
      ...readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(folder, name)),
    ]);
}
