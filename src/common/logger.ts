import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Level, type Logger, type LoggerOptions } from 'pino';
import { LogTap } from './log-tap.js';
import { currentRequest } from './request-context.js';

export type { Logger } from 'pino';

/** The injection token of a class's own logger, whose lines name the class as `component`. */
export const LOGGER = Symbol('logger');

export interface LogSettings {
  level: string;
  pretty: boolean;
  /** From which level on lines go to the tap too; nowhere where nothing is said. */
  databaseLevel?: string;
}

const taps = new WeakMap<Logger, LogTap>();
const roots = new WeakMap<Logger, Logger>();

/** Structured logs, one JSON object a line (or readable ones where `log.pretty` is set); passwords and tokens never. */
export function createLogger({ level, pretty, databaseLevel = 'silent' }: LogSettings): Logger {
  const printed = pretty
    ? (pino.transport({ target: 'pino-pretty', options: { ignore: 'pid,hostname,component' } }) as DestinationStream)
    : pino.destination(1);
  const options: LoggerOptions = {
    base: undefined,
    mixin: requestIdOf,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    redact: ['req.headers.authorization', 'password', '*.password', 'token', '*.token'],
  };
  const untapped = makeRoot({ ...options, level }, printed);
  if (databaseLevel === 'silent') return untapped;
  const tap = new LogTap(untapped);
  const streams = [
    ...(level === 'silent' ? [] : [{ level: level as Level, stream: printed }]),
    { level: databaseLevel as Level, stream: tap },
  ];
  const lowest = pino.levels.values[level]! < pino.levels.values[databaseLevel]! ? level : databaseLevel;
  const logger = makeRoot({ ...options, level: lowest }, pino.multistream(streams));
  taps.set(logger, tap);
  return logger;
}

function makeRoot(options: LoggerOptions, stream: DestinationStream): Logger {
  const root: Logger = pino({ ...options, onChild: (child: Logger) => void roots.set(child, root) }, stream);
  return root;
}

/** The one logger that all of a process are children of: what belongs to the process is found by it. */
export function rootOf(logger: Logger): Logger {
  return roots.get(logger) ?? logger;
}

/** Where the lines of a process's loggers can be had beside where they are printed. */
export function tapOf(logger: Logger): LogTap | undefined {
  return taps.get(rootOf(logger));
}

/** Ties every line to the request that caused it. */
function requestIdOf(): { requestId?: string } {
  const request = currentRequest();
  return request ? { requestId: request.requestId } : {};
}

/** Type, text, stack and codes alone: a failed query also carries its values, which may be anybody's prompt or hash. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, code, errno, cause } = error as Error & { code?: unknown; errno?: unknown };
  return {
    type: name,
    message: message.slice(0, 2_000),
    stack: stack?.slice(0, 4_000),
    code,
    errno,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/** Nest's own messages through our logger; its start-up chatter is debug. */
export class NestLoggerAdapter implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug({ context: rest.at(-1) }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ context: rest.at(-1), stack: rest.length > 1 ? rest[0] : undefined }, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn({ context: rest.at(-1) }, String(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug({ context: rest.at(-1) }, String(message));
  }
}
