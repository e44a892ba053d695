import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ClientAuthService } from './client-auth.service.js';
import type { ClientRequest } from './current-client.js';

/** Lets signed-in users through, and answers 401 to everybody else. */
@Injectable()
export class ClientGuard implements CanActivate {
  constructor(private readonly auth: ClientAuthService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ClientRequest>();
    request.client = await this.auth.authenticate(request.headers.authorization);
    return true;
  }
}
