import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock, LOGGER, WriteBehind, type Logger } from '../../common/index.js';
import type { ClientRequest } from '../auth/current-client.js';
import { AccessLogRepository, type AccessLogEntry } from './access-log.repository.js';

/** Routes of the client's side; health is asked for every few seconds by machines and says nothing of anybody. */
const LOGGED = /^\/api\/(auth|v2)\/(?!health$)/;

/** Who asked for what, when and with which outcome: rows written in batches, which no request waits for. */
@Injectable()
export class AccessLogService implements OnApplicationShutdown {
  private readonly writes: WriteBehind<AccessLogEntry>;

  constructor(
    repository: AccessLogRepository,
    private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.writes = new WriteBehind({ name: 'access-log', logger, write: (entries) => repository.insert(entries) });
  }

  /** Called when an answer was sent. */
  note(request: FastifyRequest, reply: FastifyReply): void {
    const { id, method, url, routeOptions, ip, headers, client } = request as ClientRequest;
    const route = routeOptions.url;
    if (!route || !LOGGED.test(route)) return;
    this.writes.add({
      clientId: client?.clientId ?? null,
      action: `${method} ${route}`,
      endpoint: url.split('?', 1)[0]!,
      method,
      ipAddress: ip,
      userAgent: headers['user-agent'] ?? null,
      durationMs: Math.round(reply.elapsedTime),
      statusCode: reply.statusCode,
      requestId: id,
      createdAt: this.clock.now(),
    });
    this.writes.start();
  }

  /** After the last answer was sent, and before the databases close. */
  onApplicationShutdown(): Promise<void> {
    return this.writes.stop();
  }
}
