import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorView } from './error.view.js';
import { AppError, UnavailableError, type ErrorKind } from './errors.js';
import type { Logger } from './logger.js';

const STATUS: Record<ErrorKind, number> = {
  invalid_input: 422,
  not_ready: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  upstream: 502,
  unavailable: 503,
};

/**
 * The one place where failures become HTTP. The body carries `detail` and `message` (clients read either), `code`,
 * `requestId`, and `errors` for wrong fields. Bugs are logged whole and answer 500 with nothing of them inside.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what Fastify refuses before any route is looked for. */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, code, message, errors, retryAfterSeconds } = describe(thrown);
    if (status >= 500) this.log(thrown, request);
    if (reply.sent) return;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
    void reply
      .status(status)
      .type('application/json; charset=utf-8')
      .send(this.toBody({ detail: message, message, code, requestId: request.id, errors }, request));
  }

  /** What is away is told once by whoever notices; here a line for each request, without its query: that may hold secrets. */
  private log(thrown: unknown, request: FastifyRequest): void {
    const asked = { requestId: request.id, path: request.url.split('?', 1)[0] };
    if (thrown instanceof UnavailableError) this.logger.warn({ ...asked, reason: thrown.message }, 'not available');
    else this.logger.error({ ...asked, err: thrown }, 'request failed');
  }

  /** What is undefined is left out; modules with readers of their own add to it. */
  protected toBody(body: ErrorView, _request: FastifyRequest): object {
    return body;
  }
}

type Described = Pick<AppError, 'code' | 'message' | 'errors' | 'retryAfterSeconds'> & { status: number };

function describe(thrown: unknown): Described {
  if (thrown instanceof AppError) return asDescribed(thrown);
  const status = clientStatus(thrown);
  const message = status < 500 && thrown instanceof Error ? thrown.message : 'Something went wrong on our side.';
  return { status, code: httpCode(status), message, errors: undefined, retryAfterSeconds: undefined };
}

function asDescribed(error: AppError): Described {
  const { code, message, errors, retryAfterSeconds } = error;
  return { status: STATUS[error.kind], code, message, errors, retryAfterSeconds };
}

/** Frameworks below us throw their own (unknown route, body too large, unreadable JSON): keep a 4xx as it is. */
function clientStatus(thrown: unknown): number {
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown })?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

function httpCode(status: number): string {
  const names: Record<number, string> = {
    400: 'BAD_REQUEST',
    401: 'UNAUTHORIZED',
    403: 'FORBIDDEN',
    404: 'NOT_FOUND',
    405: 'METHOD_NOT_ALLOWED',
    413: 'TOO_LARGE',
    415: 'UNSUPPORTED_MEDIA_TYPE',
    429: 'TOO_MANY',
  };
  return names[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL');
}
