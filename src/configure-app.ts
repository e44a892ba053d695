import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessLogService } from './client/index.js';
import {
  createValidationPipe,
  ErrorFilter,
  Metrics,
  Traces,
  WellFormedPipe,
  withinRequest,
  type Logger,
  type RequestContext,
} from './common/index.js';
import type { Settings } from './config/index.js';
import { describeApi } from './describe-api.js';

/** Beyond pictures (10 MiB) with their form around them nothing large is ever sent to us. */
const LARGEST_UPLOAD_BYTES = 11 * 1024 * 1024;

export function createAdapter({ server }: Settings, logger: Logger): FastifyAdapter {
  const errors = makeErrorFilter(logger);
  return new FastifyAdapter({
    trustProxy: server.trustProxy,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // An address that cannot be read never reaches the hooks: what they would add is added here.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const { origin } = request.headers;
      const isAllowed =
        origin !== undefined && (server.corsOrigins.includes(origin) || server.corsOrigins.includes('*'));
      if (isAllowed) void reply.header('access-control-allow-origin', origin);
      void reply.header('x-request-id', request.id);
      errors.answer(error, request, reply);
    },
  });
}

/** What every HTTP answer has in common: CORS, safe headers, body formats, validation, errors, the API's description. */
export async function configureApp(app: NestFastifyApplication, settings: Settings, logger: Logger): Promise<void> {
  const { corsOrigins } = settings.server;
  // Before all else: errors need CORS headers too, or a browser hides their text.
  await app.register(cors, {
    origin: corsOrigins.includes('*') ? true : corsOrigins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key'],
    exposedHeaders: ['content-disposition', 'idempotency-replayed', 'retry-after', 'x-request-id'],
    maxAge: 600,
  });
  await app.register(helmet, {
    // The pages that show our pictures in <img> are served from other origins.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    contentSecurityPolicy: {
      directives: { 'style-src': [`'self'`, `'unsafe-inline'`], 'upgrade-insecure-requests': null },
    },
  });
  await app.register(multipart, {
    limits: { fileSize: LARGEST_UPLOAD_BYTES, files: 1, fields: 20, fieldSize: 64 * 1024 },
  });
  limitBodies(app);
  app.useGlobalPipes(new WellFormedPipe(), createValidationPipe());
  app.useGlobalFilters(makeErrorFilter(logger));
  logRequests(app, logger.child({ component: 'Requests' }));
  closeWithoutWaiting(app);
  describeApi(app);
}

/** Made by hand, so it says by hand who speaks. */
function makeErrorFilter(logger: Logger): ErrorFilter {
  return new ErrorFilter(logger.child({ component: ErrorFilter.name }));
}

/** A route says by `RouteConfig` where it takes more than the usual MiB of JSON. */
function limitBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    const { bodyLimit } = (route.config ?? {}) as { bodyLimit?: number };
    if (bodyLimit !== undefined) route.bodyLimit = bodyLimit;
  });
}

/** Answers under way get this long when the process stops. */
const ANSWER_WITHIN_MS = 5_000;

/** Closing waits for answers under way, and not for connections that browsers open ahead and never ask on. */
function closeWithoutWaiting(app: NestFastifyApplication): void {
  const server = app.getHttpServer();
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preClose', (done) => {
      for (const socket of silent) socket.destroy();
      setTimeout(() => server.closeAllConnections(), ANSWER_WITHIN_MS).unref();
      done();
    });
}

function logRequests(app: NestFastifyApplication, logger: Logger): void {
  const fastify = app.getHttpAdapter().getInstance();
  const accessLog = app.get(AccessLogService);
  const metrics = app.get(Metrics);
  const traces = app.get(Traces);
  const contexts = new WeakMap<FastifyRequest, RequestContext>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const { id: requestId, ip: ipAddress, headers } = request;
    void reply.header('x-request-id', requestId);
    const context = { requestId, ipAddress, userAgent: headers['user-agent'] ?? null };
    contexts.set(request, context);
    traces.beginRequest(context, headers.traceparent);
    withinRequest(context, done);
  });
  // The body's end comes from the socket, which knows nothing of what was set before it.
  fastify.addHook('preValidation', (request, _reply, done) => withinRequest(contexts.get(request)!, done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const { id, method, routeOptions, ip } = request;
    const durationMs = Math.round(reply.elapsedTime);
    logger.debug(
      { requestId: id, method, route: routeOptions.url, status: reply.statusCode, durationMs, ip },
      'request',
    );
    accessLog.note(request, reply);
    traces.endRequest(contexts.get(request), { method, route: routeOptions.url, status: reply.statusCode });
    // An event stream is as long as somebody listens: its time says nothing.
    const isStream = String(reply.raw.getHeader('content-type') ?? '').startsWith('text/event-stream');
    const seconds = reply.elapsedTime / 1_000;
    if (!isStream) metrics.noteRequest({ method, route: routeOptions.url, status: reply.statusCode, seconds });
    done();
  });
}
