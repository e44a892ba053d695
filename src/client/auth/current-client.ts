import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The signed-in user of a request, as the guard found it. */
export interface CurrentClient {
  clientId: string;
  sessionId: string;
  username: string;
  timeZone: string;
}

export type ClientRequest = FastifyRequest & { client?: CurrentClient };

/** Hands a controller the signed-in user; only behind ClientGuard. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext): CurrentClient => {
  const { client } = context.switchToHttp().getRequest<ClientRequest>();
  if (!client) throw new Error('this route has no ClientGuard');
  return client;
});
