import { ForbiddenError } from '../../common/index.js';

/** From least to most: each may do what those before it may. */
export const ADMIN_ROLES = ['viewer', 'operator', 'admin', 'super_admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export function isAtLeast(role: AdminRole, needed: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
}

/** Throws 403 where the role is too low. */
export function requireRole(role: AdminRole, needed: AdminRole): void {
  if (isAtLeast(role, needed)) return;
  throw new ForbiddenError(`This needs the role ${needed}; you are ${role}.`, 'ROLE_TOO_LOW');
}
