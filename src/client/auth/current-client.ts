import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './scopes.js';

/** The signed-in user of a request, as the guard found it. */
export interface CurrentClient {
  clientId: string;
  /** Of an API key: the key's id. */
  sessionId: string;
  username: string;
  timeZone: string;
  /** What an API key is allowed; absent: a sign-in by password, which may do everything. */
  scopes?: readonly Scope[];
}

export type ClientRequest = FastifyRequest & { client?: CurrentClient; isOverseer?: boolean };

/** Hands a controller the signed-in user; only behind ClientGuard. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext): CurrentClient => {
  const { client } = context.switchToHttp().getRequest<ClientRequest>();
  if (!client) throw new Error('this route has no ClientGuard');
  return client;
});

/** Whose things a request may see: one user's, or as an overseer everybody's. */
export type Viewer = { clientId: string } | 'overseer';

/** Hands a controller its viewer; only behind ClientGuard, at routes that are open to overseers. */
export const ViewedBy = createParamDecorator((_: unknown, context: ExecutionContext): Viewer => {
  const { client, isOverseer } = context.switchToHttp().getRequest<ClientRequest>();
  if (client) return client;
  if (!isOverseer) throw new Error('this route has no ClientGuard');
  return 'overseer';
});
