import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.js';
import { LaunchError } from './launch-error.js';
import { findServerBinary, unpackedServerFolder, type ServerBinary } from './server-binary.js';

export class ServerMissingError extends LaunchError {}

/** Tells a person what is being done; one line at a time. */
export type Say = (line: string) => void;

/** The server program of this machine, fetched where it is missing and a way to fetch it is at hand. */
export function obtainServerBinary(say: Say): ServerBinary {
  const present = findServerBinary();
  if (present) return present;
  const tried: string[] = [];
  for (const way of waysHere()) {
    say(`No database server is installed; ${way.story} …`);
    const problem = way.fetch();
    const fetched = problem === undefined ? findServerBinary() : undefined;
    if (fetched) return fetched;
    tried.push(`${way.story}: ${problem ?? 'done, but no mariadbd that runs came of it'}`);
  }
  throw new ServerMissingError(howToGetOne(tried));
}

interface Way {
  story: string;
  /** What went wrong, or undefined. */
  fetch: () => string | undefined;
}

function waysHere(): Way[] {
  const ways: Way[] = [];
  if (findProgram(['apt-get']) && process.getuid?.() === 0)
    ways.push({ story: 'installing mariadb-server-core with apt-get', fetch: installWithApt });
  if (findProgram(['apt-get']) && findProgram(['dpkg-deb']))
    ways.push({ story: `unpacking Debian's mariadb-server-core into ${unpackedServerFolder()}`, fetch: unpackDebian });
  if (findProgram(['brew']))
    ways.push({
      story: 'installing mariadb with Homebrew',
      fetch: () => run('brew', ['install', '--quiet', 'mariadb']),
    });
  return ways;
}

/** The core package starts no service and writes no configuration of one. */
function installWithApt(): string | undefined {
  const install = () =>
    run('apt-get', [
      '-o',
      'DPkg::Lock::Timeout=120',
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...packages([]),
    ]);
  // Old package lists name files that are gone, and a fresh image has none: only then is an update worth its time.
  return install() === undefined ? undefined : (run('apt-get', ['update', '-qq']) ?? install());
}

/**
 * For an ordinary user: apt with a state folder of our own works without root, works out which packages this machine
 * lacks, and dpkg-deb unpacks them anywhere.
 */
function unpackDebian(): string | undefined {
  const target = unpackedServerFolder();
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(`${target}-`);
  const root = join(work, 'root');
  const archives = join(work, 'cache', 'archives');
  for (const folder of [join(work, 'state', 'lists', 'partial'), join(archives, 'partial'), root])
    mkdirSync(folder, { recursive: true });
  const apt = aptOptions(work);
  try {
    return (
      run('apt-get', [...apt, 'update', '-qq']) ??
      run('apt-get', [
        ...apt,
        'install',
        '-y',
        '-qq',
        '--download-only',
        '--no-install-recommends',
        ...packages(apt),
      ]) ??
      unpackAll(archives, root) ??
      moveInto(root, target)
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function aptOptions(work: string): string[] {
  const settings = [
    `Dir::State=${join(work, 'state')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(work, 'cache')}`,
    `Dir::Log=${work}`,
    'Debug::NoLocking=1',
  ];
  return settings.flatMap((setting) => ['-o', setting]);
}

function unpackAll(archives: string, root: string): string | undefined {
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const file of files) {
    const problem = run('dpkg-deb', ['-x', join(archives, file), root]);
    if (problem !== undefined) return problem;
  }
  return files.length > 0 ? undefined : 'apt-get downloaded nothing';
}

function moveInto(root: string, target: string): string | undefined {
  if (existsSync(target)) rmSync(target, { recursive: true }); // findServerBinary could not use it
  renameSync(root, target);
  return undefined;
}

/** Debian 12 and Ubuntu 24.04 have these names; their predecessors carry the version in them. */
function packages(apt: string[]): string[] {
  const wanted = ['mariadb-server-core', 'mariadb-client'];
  const known = (name: string) => spawnSync('apt-cache', [...apt, 'show', name]).status === 0;
  if (known(wanted[0]!)) return wanted;
  const search = spawnSync('apt-cache', [...apt, 'search', '--names-only', '^mariadb-server-core-'], {
    encoding: 'utf8',
  });
  const versioned = search.stdout?.split(/\s/)[0];
  return versioned ? [versioned, versioned.replace('server-core', 'client')] : wanted;
}

function run(command: string, options: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, options, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim().split('\n').slice(-3).join(' ') || `${command} ended with ${status}`);
}

function howToGetOne(tried: string[]): string {
  return [
    'No database server program (mariadbd or mysqld) is on this machine. Any one of these cures it:',
    '  Debian, Ubuntu   sudo apt-get install --no-install-recommends mariadb-server-core mariadb-client',
    '  macOS            brew install mariadb',
    '  your own copy    MARIADBD_PATH=/path/to/mariadbd (or MYSQLD_PATH) in front of the command',
    '  a server in use  name it in config.yaml (mysql.client, admin, shared, flames: host, port), then make the databases:',
    "                   DB_ADMIN_DSN='mysql://root:<password>@<host>:3306/' npm run cli -- db:init",
    "  Docker           docker run -d -p 127.0.0.1:3306:3306 -e MARIADB_ROOT_PASSWORD='<password>' mariadb:11.4",
    '                   --max-connections=400, then as above with 127.0.0.1 as host',
    ...tried.map((attempt) => `Tried: ${attempt}`),
  ].join('\n');
}
