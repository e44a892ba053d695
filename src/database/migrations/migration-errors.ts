import { AppError } from '../../common/index.js';

/** Why migrations did not run: what is wrong, and how to cure it. The database is as the log table says. */
export abstract class MigrationError extends AppError {
  constructor(code: string, message: string, cause?: unknown) {
    super('conflict', code, message, { cause });
  }
}

/** The server refused a statement; the log says where, and blocks every run until it is repaired. */
export class MigrationFailedError extends MigrationError {
  /** What the server refused and why, without the cure: a shadow is thrown away, not repaired. */
  readonly refusal: string;

  constructor(version: string, step: number, statement: string, cause: unknown) {
    const refusal = `Migration ${version} failed at step ${step}: ${(cause as Error).message}\n  ${firstLine(statement)}`;
    super(
      'MIGRATION_FAILED',
      `${refusal}\n` +
        `Steps before it stay done. Cure the reason, run db:repair, then db:migrate: it goes on at step ${step}.`,
      cause,
    );
    this.refusal = refusal;
  }
}

export class MigrationBlockedError extends MigrationError {
  constructor(version: string, status: string, step: number, error: string | null) {
    super(
      'MIGRATION_BLOCKED',
      `Migration ${version} is recorded as ${status} after ${step} steps${error ? ` (${error})` : ''}. ` +
        'Cure the reason, then run db:repair, which lets the next db:migrate go on there.',
    );
  }
}

export class MigrationEditedError extends MigrationError {
  constructor(version: string) {
    super(
      'MIGRATION_EDITED',
      `Migration ${version} was edited after it had run here: its statements no longer match the recorded checksum. ` +
        'Bring the old text back and make the change in a new migration.',
    );
  }
}

export class MigrationOutOfOrderError extends MigrationError {
  constructor(version: string, newest: string) {
    super(
      'MIGRATION_OUT_OF_ORDER',
      `Migration ${version} has not run, but the newer ${newest} has. ` +
        'Give it a newer version, or run db:migrate --out-of-order if the two do not touch each other.',
    );
  }
}

export class MigrationEmptyError extends MigrationError {
  constructor(version: string) {
    super('MIGRATION_EMPTY', `Migration ${version} holds no statements yet: write its steps, or take it off the list.`);
  }
}

export class MigrationLockedError extends MigrationError {
  constructor(owner: string, waitedMs: number) {
    super(
      'MIGRATION_LOCKED',
      `Another run (${owner}) is migrating this database and still at work after ${Math.round(waitedMs / 1000)} s. ` +
        'Try again when it has ended.',
    );
  }
}

export class MigrationLockLostError extends MigrationError {
  constructor() {
    super('MIGRATION_LOCK_LOST', 'Another run took this database’s migration lock over, so this one stopped.');
  }
}

function firstLine(statement: string): string {
  return statement.split('\n', 1)[0]!.slice(0, 200);
}
