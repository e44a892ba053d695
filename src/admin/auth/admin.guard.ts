import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AdminAuthService } from './admin-auth.service.js';
import { requireRole, type AdminRole } from './admin-role.js';
import type { AdminRequest } from './current-admin.js';

const NEEDED_ROLE = 'needed admin role';

/** The least role that a route, or all routes of a controller, ask for; what stands at the route wins. */
export const NeedsRole = (role: AdminRole) => SetMetadata(NEEDED_ROLE, role);

/** Lets signed-in admins of a sufficient role through: 401 without a sign-in, 403 without the role. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly auth: AdminAuthService,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const admin = await this.auth.authenticate(request.headers.authorization);
    // A route that says nothing asks for the most: a forgotten decorator shuts a door instead of opening one.
    const needed =
      this.reflector.getAllAndOverride<AdminRole | undefined>(NEEDED_ROLE, [
        context.getHandler(),
        context.getClass(),
      ]) ?? 'super_admin';
    requireRole(admin.role, needed);
    request.admin = admin;
    return true;
  }
}
