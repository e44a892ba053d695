import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ClientAuthService } from '../auth/client-auth.service.js';
import { apiKeyOf, ClientGuard } from '../auth/client.guard.js';
import { UserRates } from '../auth/user-rates.js';
import type { ClientRequest, CurrentClient } from '../auth/current-client.js';
import { EventTokensService } from './event-tokens.service.js';

/** Who opened a stream, and how to ask later whether that sign-in still holds. */
export interface EventReader {
  client: CurrentClient;
  authenticate: () => Promise<unknown>;
}

type ReaderRequest = ClientRequest & { eventReader?: EventReader };

/** Lets in by the usual headers, or by a token in the address: a browser's EventSource sends no header. */
@Injectable()
export class EventsGuard implements CanActivate {
  constructor(
    private readonly clients: ClientGuard,
    private readonly auth: ClientAuthService,
    private readonly tokens: EventTokensService,
    private readonly rates: UserRates,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ReaderRequest>();
    const { authorization } = request.headers;
    const apiKey = apiKeyOf(request);
    const { token } = request.query as { token?: unknown };
    if (authorization === undefined && apiKey === undefined && typeof token === 'string') {
      const reader = await this.byToken(token);
      request.client = reader.client;
      this.rates.count(reader.client.clientId);
      request.eventReader = reader;
      return true;
    }
    await this.clients.canActivate(context);
    const authenticate = () => this.auth.authenticate(authorization, apiKey);
    request.eventReader = { client: request.client!, authenticate };
    return true;
  }

  /** The token opens the stream; from then on the sign-in counts. */
  private async byToken(token: string): Promise<EventReader> {
    const client = await this.tokens.authenticate(token);
    return { client, authenticate: () => this.tokens.getSession(client.sessionId, client.clientId) };
  }
}

/** Only behind EventsGuard. */
export const Reader = createParamDecorator((_: unknown, context: ExecutionContext): EventReader => {
  const { eventReader } = context.switchToHttp().getRequest<ReaderRequest>();
  if (!eventReader) throw new Error('this route has no EventsGuard');
  return eventReader;
});
