import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parseEventId, type ProgressPlace } from './progress-frames.js';

/** Where a reader that comes back stood: its browser says so in a header, or a page with a new address puts it there. */
export const LastPlace = createParamDecorator((_: unknown, context: ExecutionContext): ProgressPlace => {
  const { headers, query } = context.switchToHttp().getRequest<FastifyRequest>();
  return parseEventId(headers['last-event-id'] ?? (query as { last_event_id?: unknown }).last_event_id);
});
