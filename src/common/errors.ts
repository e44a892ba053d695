/** The handful of kinds of failure that a caller can understand; each maps to one HTTP status. */
export type ErrorKind =
  | 'invalid_input'
  | 'not_ready'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'upstream'
  | 'unavailable';

export interface FieldProblem {
  field: string;
  message: string;
}

interface Details {
  cause?: unknown;
  /** The fields that were wrong, for `errors` in the answer. */
  errors?: FieldProblem[];
  /** When it is worth trying again, in seconds; becomes the Retry-After header. */
  retryAfterSeconds?: number;
}

/**
 * A failure that is part of the product: kind (HTTP status), stable code (upper snake case), and one sentence
 * that may be shown to the caller. Whatever is not an AppError is a bug and answers 500 without its text.
 */
export class AppError extends Error {
  readonly errors: FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    details: Details = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** What was sent cannot be used: 422, with the fields at fault. */
export class InvalidInputError extends AppError {
  constructor(errors: FieldProblem[], code = 'INVALID_INPUT') {
    super('invalid_input', code, errors.map(({ message }) => message).join(' '), { errors });
  }
}

/** Asked for before it is there: 400, as the earlier evaluation service answers. */
export class NotReadyError extends AppError {
  constructor(message: string, code = 'NOT_READY') {
    super('not_ready', code, message);
  }
}

/** Nobody is signed in, or not any more: 401. */
export class UnauthorizedError extends AppError {
  constructor(message = 'Sign in first.', code = 'UNAUTHORIZED') {
    super('unauthorized', code, message);
  }
}

/** Signed in, but not allowed to: 403. */
export class ForbiddenError extends AppError {
  constructor(message: string, code = 'FORBIDDEN') {
    super('forbidden', code, message);
  }
}

/** No such thing, or not the caller's: 404 for both, so that ids of others cannot be probed. */
export class NotFoundError extends AppError {
  constructor(message: string, code = 'NOT_FOUND') {
    super('not_found', code, message);
  }
}

/** The thing is in a state that does not allow it: 409. */
export class ConflictError extends AppError {
  constructor(message: string, code = 'CONFLICT', details: Details = {}) {
    super('conflict', code, message, details);
  }
}

/** More bytes than are taken: 413. */
export class TooLargeError extends AppError {
  constructor(message: string, code = 'TOO_LARGE') {
    super('too_large', code, message);
  }
}

/** More than is allowed in this time, or of this quota: 429. */
export class TooManyError extends AppError {
  constructor(message: string, code = 'TOO_MANY', details: Details = {}) {
    super('too_many', code, message, details);
  }
}

/** Another server that we asked failed: 502. */
export class UpstreamError extends AppError {
  constructor(message: string, code = 'UPSTREAM_FAILED', details: Details = {}) {
    super('upstream', code, message, details);
  }
}

/** A part of our own that will come back is away (database, storage): 503 with Retry-After. */
export class UnavailableError extends AppError {
  constructor(message: string, code = 'UNAVAILABLE', details: Details = {}) {
    super('unavailable', code, message, { retryAfterSeconds: 5, ...details });
  }
}
