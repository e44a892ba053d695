/** MySQL's error numbers that we decide by; the rest is told apart by SQL state and by the driver's codes. */
const DUPLICATE_ENTRY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
const RECORD_CHANGED = 1020;

/**
 * Faults of the data itself: the same statement can never succeed. Everything else (connection, lock, read-only
 * server, full disk, something new) is taken for passing, so that nothing is given up by mistake (I6).
 */
const PERMANENT = new Set([
  1048, // column cannot be null
  1153, // larger than the server takes in one packet
  DUPLICATE_ENTRY,
  1216, // foreign key
  1217,
  1264, // out of range
  1265, // data truncated
  1292, // incorrect value
  1366, // incorrect value for column
  1406, // too long
  1451,
  1452,
  1690, // arithmetic out of range
  3140, // invalid JSON text
  3819, // check constraint
  4025, // check constraint, MariaDB
]);

/** The server gave up on a lock; the same transaction may succeed when it is run again. */
export function isRetryable(error: unknown): boolean {
  return [DEADLOCK, LOCK_WAIT_TIMEOUT, RECORD_CHANGED].includes(errorNumber(error) ?? 0);
}

export function isDuplicate(error: unknown): boolean {
  return errorNumber(error) === DUPLICATE_ENTRY;
}

/** The statement can never succeed with this data. */
export function isPermanent(error: unknown): boolean {
  return PERMANENT.has(errorNumber(error) ?? 0) || error instanceof MalformedEventError;
}

/** An outbox event whose content nobody can read; never retried. */
export class MalformedEventError extends Error {}

/** What driver and pool say when the server is away or full; it comes back by itself. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'POOL_CLOSED',
]);
const CONNECTION_TEXTS = /Pool is closed|Queue limit reached|closed state|Connection lost|server has gone away/i;

export function isConnectionError(error: unknown): boolean {
  const { driverError } = (error ?? {}) as { driverError?: unknown };
  const { code, syscall, message } = (driverError ?? error ?? {}) as {
    code?: string;
    syscall?: string;
    message?: string;
  };
  // A socket file that is not there: the server behind it is stopped.
  if (code === 'ENOENT') return syscall === 'connect';
  return CONNECTION_CODES.has(code ?? '') || CONNECTION_TEXTS.test(message ?? '');
}

function errorNumber(error: unknown): number | undefined {
  const { errno, driverError } = (error ?? {}) as { errno?: number; driverError?: { errno?: number } };
  return driverError?.errno ?? errno;
}
