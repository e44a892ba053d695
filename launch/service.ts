import { join } from 'node:path';
import type { Settings } from '../src/config/index.js';
import { startApplication, type Application } from './application.js';
import type { ClosingStack } from './closing-stack.js';
import { openDatabase, type Database } from './database.js';
import { ensureFirstUsers, type FirstUsers } from './first-run.js';
import { findPortProblem } from './free-port.js';
import type { Say } from './install-server.js';
import { LaunchError } from './launch-error.js';
import { LockFile, LockHeldError, readLiveLock } from './lock-file.js';
import { SimulatedNodes } from './simulated-nodes.js';

export interface Service {
  url: string;
  users: FirstUsers;
  /** For people: where the data is and which nodes work. */
  facts: string[];
}

interface ServiceLockDetails {
  url: string;
}

/** Brings up everything that one machine needs, in order; what it opens goes onto `opened`, also when it fails. */
export async function startService(settings: Settings, opened: ClosingStack, say: Say): Promise<Service> {
  const lock = takeServiceLock(settings.dataDir);
  opened.push(() => Promise.resolve(lock.release()));
  await refuseTakenPort(settings);
  const database = await openDatabase(settings, say);
  opened.push(() => database.close());
  await prepareDatabases(database, say);
  const fleet: Fleet = { simulators: await startKnownSimulators(settings) };
  // Opened before the application and so closed after it, also where the first start makes them later.
  opened.push(async () => fleet.simulators?.stop());
  const application = await startApplication(database.settings);
  opened.push(() => application.close());
  const users = await ensureFirstUsers(application, settings.dataDir);
  const nodes = await ensureNodes(application, settings, fleet);
  lock.update({ url: application.url });
  return { url: application.url, users, facts: [`Database  ${database.description}`, `Nodes     ${nodes}`] };
}

/** The address of a service that already runs on this data folder. */
export function findRunningService(dataDir: string): string | undefined {
  return readLiveLock<ServiceLockDetails>(lockPath(dataDir))?.url;
}

function takeServiceLock(dataDir: string): LockFile<ServiceLockDetails> {
  try {
    return LockFile.take<ServiceLockDetails>(lockPath(dataDir)).lock;
  } catch (error) {
    if (!(error instanceof LockHeldError))
      throw new LaunchError(
        `The data folder ${dataDir} (data_dir, DATA_DIR) cannot be used: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    const url = typeof error.content.url === 'string' ? ` at ${error.content.url}` : '';
    throw new LaunchError(
      `This service already runs on ${dataDir}${url} (process ${error.content.owner.pid}). Stop that one first, ` +
        'or start a second one with a data folder and a port of its own: DATA_DIR=.data-2 PORT=8001 npm start',
    );
  }
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'service.lock');
}

async function refuseTakenPort({ server: { host, port } }: Settings): Promise<void> {
  const problem = await findPortProblem(port, host);
  if (problem?.code === 'EADDRINUSE')
    throw new LaunchError(
      `Port ${port} on ${host} is in use by another program. Stop it, or choose another port: PORT=${port + 1} npm start`,
    );
  if (problem) throw new LaunchError(`The service cannot listen on ${host}:${port} (PORT, HOST): ${problem.message}`);
}

/** A configured server is prepared by `db:init`: starting a service changes nothing on other people's servers. */
async function prepareDatabases({ settings, adminDsn, isPrivate, isNew }: Database, say: Say): Promise<void> {
  if (!isPrivate) return requirePrepared(settings);
  if (!adminDsn) return;
  if (isNew) say('Making the databases …');
  const { initialiseDatabases } = await import('../src/operations/index.js');
  // Each start says the same dozen lines; only a warning is news.
  const report = (line: string) => line.startsWith('warning') && say(line);
  await initialiseDatabases({ settings, adminDsn, report });
}

interface Fleet {
  simulators?: SimulatedNodes;
}

/** One message with every problem and its cure, before the application would meet them one by one. */
async function requirePrepared(settings: Settings): Promise<void> {
  const { databaseStatus } = await import('../src/operations/index.js');
  const states = await Promise.all(
    (['client', 'admin', 'shared', 'flames'] as const).map((name) => databaseStatus(name, settings)),
  );
  const problems = states.flatMap(({ database, problems: own, pendingMigrations }) => [
    ...own.map((problem) => `${database}: ${problem}`),
    ...(pendingMigrations > 0 ? [`${database}: ${pendingMigrations} migrations are pending. Run db:migrate.`] : []),
  ]);
  if (problems.length === 0) return;
  const cure = 'DB_ADMIN_DSN=mysql://root:…@host:3306/ npm run cli -- db:init';
  throw new LaunchError(
    `The configured databases cannot be used yet:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
      `Databases, users and tables are made by: ${cure}`,
  );
}

/** Before the application, so that its first look at the nodes of an earlier start finds them there. */
async function startKnownSimulators({ dataDir, nodes }: Settings): Promise<SimulatedNodes | undefined> {
  const wanted = nodes.register.length === 0 && nodes.simulated > 0 && SimulatedNodes.countKnown(dataDir) > 0;
  return wanted ? SimulatedNodes.start(dataDir, nodes.simulated) : undefined;
}

/** Registers simulated nodes where there are no others; says which nodes work. */
async function ensureNodes(application: Application, settings: Settings, fleet: Fleet): Promise<string> {
  const registered = await application.countNodes();
  const real = registered - (fleet.simulators?.nodes.length ?? 0);
  if (real > 0) {
    await fleet.simulators?.stop();
    return `${real} registered (no simulated ones run)`;
  }
  if (settings.nodes.simulated === 0 || settings.nodes.register.length > 0)
    return registered > 0 ? `${registered} registered` : 'none yet: npm run cli -- nodes:add <url>';
  fleet.simulators ??= await SimulatedNodes.start(settings.dataDir, settings.nodes.simulated);
  const { nodes } = fleet.simulators;
  for (const { nodeId, name, port } of nodes)
    await application.registerNode({ nodeId, name, url: `http://127.0.0.1:${port}`, maxConcurrent: 2 });
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`).join(', ');
  return (
    `${nodes.length} SIMULATED ComfyUI nodes (${addresses}): they paint test patterns, no model runs.\n` +
    '            Your own: npm run cli -- nodes:add <url>, or nodes.register in config.yaml'
  );
}
