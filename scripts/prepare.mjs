// Brings a checkout to where its compiled programs can run: Node's version, packages, build. Node built-ins only, since
// the packages may be missing. Run directly, it does just that and nothing more.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = ['src', 'ormconfig', 'simulators', 'launch', 'bench', 'chaos'];

export function prepare() {
  process.chdir(root);
  checkNodeVersion();
  installPackages();
  build();
}

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(`This service needs Node.js 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.`);
}

/** Installs when package-lock.json is another than at the last installation, or Node is another (native packages). */
function installPackages() {
  const stamp = join('node_modules', '.installed-for');
  const wanted = `${createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')} ${process.versions.modules}`;
  if (existsSync(stamp) ? readFileSync(stamp, 'utf8') === wanted : installedByHand()) {
    writeFileSync(stamp, wanted);
    return;
  }
  console.log('Installing the packages (npm ci) …');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(npm[0], [...npm.slice(1), ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    stop(`The packages could not be installed: npm ci ${error?.message ?? `ended with ${status}`}.
Its messages are above; a network or a registry (npm config get registry) that cannot be reached is the usual reason.`);
  writeFileSync(stamp, wanted);
}

/** npm writes this file last: where it is newer than the lock file, `npm install` or `npm ci` ran to its end. */
function installedByHand() {
  const hidden = join('node_modules', '.package-lock.json');
  return existsSync(hidden) && statSync(hidden).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

/** Compiles when a source (or a folder, when files went) is newer than the last build; swapped in whole. */
function build() {
  const stamp = join('dist', '.built');
  const newest = Math.max(...[...sources, '.swcrc'].map(newestChange));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return;
  console.log('Building …');
  const fresh = `dist.${process.pid}`;
  const swc = join('node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const present = sources.filter((folder) => existsSync(folder));
  const options = [swc, ...present, '--out-dir', fresh, '--config-file', '.swcrc', '--quiet'];
  const { status } = spawnSync(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    stop('The build failed; the compiler says why above.');
  }
  writeFileSync(join(fresh, '.built'), '');
  // The time of the newest source, not of now: a file saved during the build counts as newer.
  utimesSync(join(fresh, '.built'), newest / 1000 + 0.001, newest / 1000 + 0.001);
  if (existsSync('dist')) renameSync('dist', `${fresh}.old`);
  renameSync(fresh, 'dist');
  rmSync(`${fresh}.old`, { recursive: true, force: true });
}

function newestChange(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
