import type { Connection } from 'mysql2/promise';
import { ConflictError } from '../common/index.js';
import type { MigrationStatus } from '../database/index.js';
import { compareStructures } from './compare-structures.js';
import { openAdminConnection, openMigrationConnection } from './open-connection.js';
import { readStructure, serverVersion } from './read-structure.js';
import { withShadow, type ShadowRequest } from './shadow-database.js';

export interface ShadowComparison {
  /** One line each: what is there, and what the migrations make. */
  differences: string[];
  /** What the reader must know to judge them; one sentence each. */
  notes: string[];
}

/**
 * Compares the live tables with those that the same migrations make from nothing in a temporary database. Pending
 * migrations are no difference: the shadow gets those alone that ran on the live database.
 */
export async function compareWithShadow(request: ShadowRequest): Promise<ShadowComparison> {
  const { name, settings, shadowDsn } = request;
  const openLive = () => openMigrationConnection(name, settings);
  const liveServer = await using(openLive, serverVersion);
  const shadowServer = await using(() => openAdminConnection(shadowDsn), serverVersion);
  refuseOtherKind(liveServer, shadowServer);
  return withShadow(request, async ({ connect, statuses }) => {
    const live = await using(openLive, readStructure);
    const shadow = await using(connect, readStructure);
    const notes = statuses.filter(({ state }) => state !== 'done').map(describe);
    if (liveServer !== shadowServer)
      notes.push(`The shadow is on server ${shadowServer}, the database on ${liveServer}: they may write types apart.`);
    return { differences: compareStructures(settings.mysql[name].database, live, shadow), notes };
  });
}

async function using<T>(open: () => Promise<Connection>, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await open();
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

/** The same table reads differently there: JSON is a type of its own on MySQL, a longtext with a CHECK on MariaDB. */
function refuseOtherKind(live: string, shadow: string): void {
  if (live.includes('MariaDB') === shadow.includes('MariaDB')) return;
  throw new ConflictError(
    `The shadow is on server ${shadow}, the database on ${live}: their tables cannot be compared. ` +
      'Name a server of the same kind by --shadow.',
    'SHADOW_OF_OTHER_KIND',
  );
}

function describe({ version, state, step }: MigrationStatus): string {
  if (state === 'pending') return `Migration ${version} is pending, and left out.`;
  if (state === 'unknown') return `Migration ${version} belongs to another release; what it made is shown as unknown.`;
  return `Migration ${version} is ${state}: its first ${step} statements are in the comparison.`;
}
