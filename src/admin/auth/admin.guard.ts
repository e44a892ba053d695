import { applyDecorators, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AdminAuthService } from './admin-auth.service.js';
import { ApiNeeds, currentRequest } from '../../common/index.js';
import { requireRole } from './admin-role.js';
import type { AdminRequest } from './current-admin.js';
import { PERMISSIONS, type Permission } from './permissions.js';

const NEEDED = 'needed admin permission';

/** What a route, or all routes of a controller, ask for; what stands at the route wins. */
export const Needs = (permission: Permission) =>
  applyDecorators(SetMetadata(NEEDED, permission), ApiNeeds({ role: PERMISSIONS[permission], permission }));

/** Lets signed-in admins with the permission through: 401 without a sign-in, 403 without the role that has it. */
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
    const places = [context.getHandler(), context.getClass()];
    const needed = this.reflector.getAllAndOverride<Permission | undefined>(NEEDED, places);
    requireRole(admin.role, needed ? PERMISSIONS[needed] : 'super_admin');
    request.admin = admin;
    const current = currentRequest();
    if (current) current.admin = { adminUserId: admin.adminUserId, username: admin.username };
    return true;
  }
}
