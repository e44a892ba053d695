import { MigrationFailedError, type Migration, type PlannedMigration } from '../database/index.js';
import { migrationRunner } from './migrate-databases.js';
import { withShadow, type Shadow, type ShadowRequest } from './shadow-database.js';

/** A statement that the next run of db:migrate would send. */
export interface PendingStatement {
  version: string;
  name: string;
  step: number;
  steps: number;
  statement: string;
}

export interface RehearsalFailure {
  statement: PendingStatement;
  error: string;
}

type PlanRequest = Omit<ShadowRequest, 'shadowDsn'> & { outOfOrder?: boolean };

/** What db:migrate would do, in order; throws as it would where the log forbids a run. Nothing is changed. */
export async function planMigrationRun({
  name,
  settings,
  migrations,
  outOfOrder,
}: PlanRequest): Promise<PendingStatement[]> {
  const planned = await migrationRunner(name, settings, migrations).plan({ outOfOrder });
  return planned.flatMap(pendingStatements);
}

/** Runs what is pending in a shadow of the database; returns the first statement that the server refuses there. */
export async function rehearseMigrations(request: ShadowRequest & PlanRequest): Promise<RehearsalFailure | undefined> {
  const { name, settings, migrations, outOfOrder } = request;
  const planned = await migrationRunner(name, settings, migrations).plan({ outOfOrder });
  const pending = planned.flatMap(pendingStatements);
  if (pending.length === 0) return undefined;
  return withShadow(request, (shadow) => tryStatements(shadow, planned, pending));
}

async function tryStatements(
  { applied, runner }: Shadow,
  planned: PlannedMigration[],
  pending: PendingStatement[],
): Promise<RehearsalFailure | undefined> {
  let done = 0;
  try {
    await runner([...applied, ...planned.flatMap(remainder)]).migrate({ outOfOrder: true, report: () => (done += 1) });
    return undefined;
  } catch (error) {
    if (!(error instanceof MigrationFailedError)) throw error;
    return { statement: pending[done]!, error: (error.cause as Error).message };
  }
}

function pendingStatements({ migration, fromStep }: PlannedMigration): PendingStatement[] {
  const { version, name } = migration;
  const steps = migration.steps();
  return steps
    .map(({ up }, index) => ({ version, name, step: index + 1, steps: steps.length, statement: up }))
    .slice(fromStep);
}

/** Of a migration that stopped half-way, the shadow knows the first part as a finished one: the rest needs its own name. */
function remainder({ migration, fromStep }: PlannedMigration): Migration[] {
  if (fromStep === 0) return [migration];
  const rest = migration.steps().slice(fromStep);
  return rest.length === 0 ? [] : [{ ...migration, version: `${migration.version}_rest`, steps: () => rest }];
}
