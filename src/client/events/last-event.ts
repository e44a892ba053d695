import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/**
 * The time that the last event a reader got stands for; undefined at the first time, or for what we never sent. A
 * browser sends it as a header when it connects again by itself, and a page with a new address may put it there.
 */
export const LastEvent = createParamDecorator((_: unknown, context: ExecutionContext): Date | undefined => {
  const { headers, query } = context.switchToHttp().getRequest<FastifyRequest>();
  const id = headers['last-event-id'] ?? (query as { last_event_id?: unknown }).last_event_id;
  return typeof id === 'string' && /^\d{1,13}$/.test(id) ? new Date(Number(id)) : undefined;
});
