import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AdminRole } from './admin-role.js';

/** The signed-in admin of a request, as the guard found it. */
export interface CurrentAdmin {
  adminUserId: string;
  sessionId: string;
  username: string;
  displayName: string | null;
  role: AdminRole;
}

export type AdminRequest = FastifyRequest & { admin?: CurrentAdmin };

/** Hands a controller the signed-in admin; only behind AdminGuard. */
export const Admin = createParamDecorator((_: unknown, context: ExecutionContext): CurrentAdmin => {
  const { admin } = context.switchToHttp().getRequest<AdminRequest>();
  if (!admin) throw new Error('this route has no AdminGuard');
  return admin;
});
