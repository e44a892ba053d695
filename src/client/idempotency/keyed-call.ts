import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { contentHash, InvalidInputError } from '../../common/index.js';
import type { ClientRequest } from '../auth/current-client.js';

/** A call that its sender may repeat until an answer arrives, under a key of the sender's choice. */
export interface KeyedCall {
  clientId: string;
  /** Method and path of the route: a key is the caller's own for each. */
  route: string;
  /** SHA-256 of the key as it was sent: the column would take keys that differ in case alone for one. */
  key: string;
  /** Of the body and of what the path names. */
  bodyHash: string;
}

/** Visible ASCII. */
const KEY = /^[\x21-\x7e]{1,200}$/;

/** The call's Idempotency-Key header with what it stands for; undefined without one. Only behind ClientGuard. */
export const Keyed = createParamDecorator((_: unknown, context: ExecutionContext): KeyedCall | undefined => {
  const { headers, client, method, routeOptions, params, body } = context.switchToHttp().getRequest<ClientRequest>();
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    const message = 'Idempotency-Key must hold 1 to 200 visible ASCII characters.';
    throw new InvalidInputError([{ field: 'Idempotency-Key', message }], 'INVALID_IDEMPOTENCY_KEY');
  }
  if (!client) throw new Error('this route has no ClientGuard');
  return {
    clientId: client.clientId,
    route: `${method} ${routeOptions.url}`,
    key: contentHash(key),
    bodyHash: contentHash([params ?? null, body ?? null]),
  };
});
