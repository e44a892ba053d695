import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, UnauthorizedError } from '../../common/index.js';
import { ClientAuthService } from './client-auth.service.js';
import type { ClientRequest, CurrentClient } from './current-client.js';
import { OPEN_TO_OVERSEERS, OVERSEERS, type Overseers } from './overseers.js';
import { NEEDED_SCOPE, type Scope } from './scopes.js';
import { UserRates } from './user-rates.js';

/**
 * Lets users through, signed in or by an API key with the route's scope: 401 for everybody else, 403 for a key
 * without the scope, 429 for a flood.
 */
@Injectable()
export class ClientGuard implements CanActivate {
  constructor(
    private readonly auth: ClientAuthService,
    private readonly rates: UserRates,
    private readonly reflector: Reflector,
    @Optional() @Inject(OVERSEERS) private readonly overseers?: Overseers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ClientRequest>();
    const client = await this.identify(context, request);
    if (!client) return (request.isOverseer = true);
    // Known before it is refused: the access log names whose requests were too many.
    request.client = client;
    this.rates.count(client.clientId);
    this.requireScope(context, client);
    return true;
  }

  /** Undefined for an overseer, who is looked for last: nearly every request is a user's. */
  private async identify(context: ExecutionContext, request: ClientRequest): Promise<CurrentClient | undefined> {
    const { authorization } = request.headers;
    try {
      return await this.auth.authenticate(authorization, apiKeyOf(request));
    } catch (error) {
      const isOpen = error instanceof UnauthorizedError && this.read<boolean>(context, OPEN_TO_OVERSEERS);
      if (isOpen && (await this.overseers?.isOverseer(authorization))) return undefined;
      throw error;
    }
  }

  private requireScope(context: ExecutionContext, { scopes }: CurrentClient): void {
    if (!scopes) return;
    const needed = this.read<Scope>(context, NEEDED_SCOPE);
    if (needed && scopes.includes(needed)) return;
    const message = needed
      ? `This API key lacks the scope ${needed}; make one that has it.`
      : 'This cannot be done with an API key; sign in with your password.';
    throw new ForbiddenError(message, needed ? 'SCOPE_MISSING' : 'NOT_BY_API_KEY');
  }

  private read<T>(context: ExecutionContext, key: string): T | undefined {
    return this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
  }
}

export function apiKeyOf({ headers }: ClientRequest): string | undefined {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : undefined;
}
