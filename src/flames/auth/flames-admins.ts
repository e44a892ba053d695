import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** A viewer reads; an operator starts, stops and imports as well. */
export type FlamesRole = 'viewer' | 'operator';

/** Who uses the evaluation service. */
export interface FlamesAdmin {
  adminId: string;
  username: string;
  role: string;
}

/**
 * Says whose a header is: 401 where it is nobody's, 403 where the role is too low. Admins are another module's, which
 * this one must not know; the application hands in the one that knows them (src/flames-admins.module.ts).
 */
export interface FlamesAdmins {
  authenticate(authorization: string | undefined, needed: FlamesRole): Promise<FlamesAdmin>;
}

export const FLAMES_ADMINS = Symbol('flames admins');

export type FlamesRequest = FastifyRequest & { flamesAdmin?: FlamesAdmin };

/** Hands a controller who asks; only behind FlamesGuard. */
export const CurrentFlamesAdmin = createParamDecorator((_: unknown, context: ExecutionContext): FlamesAdmin => {
  const { flamesAdmin } = context.switchToHttp().getRequest<FlamesRequest>();
  if (!flamesAdmin) throw new Error('this route has no FlamesGuard');
  return flamesAdmin;
});
