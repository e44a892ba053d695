import {
  applyDecorators,
  Inject,
  Injectable,
  Optional,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiNeeds } from '../../common/index.js';
import { FLAMES_ADMINS, type FlamesAdmins, type FlamesRequest, type FlamesRole } from './flames-admins.js';

const NEEDED_ROLE = 'needed flames role';

/** The least role that a route, or all routes of a controller, ask for; what stands at the route wins. */
export const NeedsFlamesRole = (role: FlamesRole) =>
  applyDecorators(SetMetadata(NEEDED_ROLE, role), ApiNeeds({ role }));

/** Lets signed-in admins of a sufficient role through: 401 without a sign-in, 403 without the role. */
@Injectable()
export class FlamesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    // Commands open this module without anybody who could ask for a route.
    @Optional() @Inject(FLAMES_ADMINS) private readonly admins?: FlamesAdmins,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.admins) throw new Error('nobody says who is an admin: import FlamesAdminsModule');
    const request = context.switchToHttp().getRequest<FlamesRequest>();
    // A route that says nothing asks for the most: a forgotten decorator shuts a door instead of opening one.
    const needed =
      this.reflector.getAllAndOverride<FlamesRole | undefined>(NEEDED_ROLE, [
        context.getHandler(),
        context.getClass(),
      ]) ?? 'operator';
    request.flamesAdmin = await this.admins.authenticate(request.headers.authorization, needed);
    return true;
  }
}
