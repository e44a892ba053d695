import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { AccessTokens, Clock, UnauthorizedError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { ClientSessionsService } from '../auth/client-sessions.service.js';
import type { CurrentClient } from '../auth/current-client.js';

const LIFETIME_SECONDS = 60;

export class EventTokenView {
  @ApiProperty({ type: String, example: 'eyJhbGciOiJIUzI1NiIs…' }) token: string;
  /** Seconds. */
  @ApiProperty({ type: 'integer', example: LIFETIME_SECONDS }) expires_in: number;
}

/** Tokens for addresses, which end up in logs: they open streams of events, and nothing else, for one minute. */
@Injectable()
export class EventTokensService {
  private readonly tokens: AccessTokens;

  constructor(
    private readonly sessions: ClientSessionsService,
    clock: Clock,
    @Inject(SETTINGS) { secrets }: Settings,
  ) {
    const lifetimeMs = LIFETIME_SECONDS * 1_000;
    this.tokens = new AccessTokens({ signingKey: secrets.signingKey, audience: 'client-events', lifetimeMs, clock });
  }

  issue({ clientId, sessionId }: CurrentClient): EventTokenView {
    const token = this.tokens.sign({ subject: clientId, sessionId }, this.tokens.expiry());
    return { token, expires_in: LIFETIME_SECONDS };
  }

  /** Throws 401 unless the token is fresh and the sign-in that asked for it holds. */
  async authenticate(token: string): Promise<CurrentClient> {
    const claims = this.tokens.read(token);
    if (!claims) throw new UnauthorizedError('This address has expired; ask for a new token.', 'TOKEN_EXPIRED');
    return this.getSession(claims.sessionId, claims.subject);
  }

  /** Throws 401 once the sign-in has ended. */
  async getSession(sessionId: string, clientId: string): Promise<CurrentClient> {
    const client = await this.sessions.findActive({ sessionId, clientId });
    if (!client) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    return client;
  }
}
