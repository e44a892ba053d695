import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AccessTokens, Clock, JointLookup, LOGGER, UnauthorizedError, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { ClientSessionsRepository } from './client-sessions.repository.js';
import type { CurrentClient } from './current-client.js';
import { RefreshTokensRepository } from './refresh-tokens.repository.js';

export interface Caller {
  ipAddress: string;
  userAgent: string | null;
}

/** Whose password was found right, and what it was compared with. */
export interface SignedIn {
  clientId: string;
  passwordHash: string | null;
}

export interface SessionKey {
  sessionId: string;
  clientId: string;
}

/** What keeps a user signed in. */
export interface SessionTokens {
  access_token: string;
  token_type: 'bearer';
  /** Seconds that the access token holds. */
  expires_in: number;
  /** For one use at POST /api/auth/refresh, which gives the next one. */
  refresh_token: string;
}

/**
 * A token used again so soon after its first use is taken for a second tab, or for an answer that was lost on the
 * way, not for a theft. A thief who is as quick gains nothing lasting: the next use by one of the two betrays it.
 */
const GRACE_MS = 10_000;

type Rotation = { tokens: SessionTokens } | { refusal: 'unknown' | 'reused'; sessionId?: string };

/** Sign-ins: each is a row that its access tokens name, and a family of refresh tokens that ends with it. */
@Injectable()
export class ClientSessionsService {
  private readonly accessTokens: AccessTokens;
  private readonly accessMs: number;
  private readonly refreshMs: number;
  private readonly signingKey: string;
  private readonly active = new JointLookup((sessionIds) => this.findAllActive(sessionIds));

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly sessions: ClientSessionsRepository,
    private readonly refreshTokens: RefreshTokensRepository,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    this.signingKey = secrets.signingKey;
    this.accessMs = auth.accessTokenHours * 3_600_000;
    this.refreshMs = auth.refreshTokenDays * 86_400_000;
    const lifetimeMs = this.accessMs;
    this.accessTokens = new AccessTokens({ signingKey: this.signingKey, audience: 'client', lifetimeMs, clock });
  }

  /** Undefined where the account was disabled or got another password since this one was compared. */
  async open({ clientId, passwordHash }: SignedIn, caller: Caller): Promise<SessionTokens | undefined> {
    const sessionId = randomUUID();
    const refreshToken = randomBytes(32).toString('base64url');
    const expiresAt = this.refreshExpiry();
    const isOpen = await this.database.transaction(async (transaction) => {
      if (!(await this.sessions.holdsPassword(transaction, clientId, passwordHash))) return false;
      await this.sessions.insert(transaction, { sessionId, clientId, expiresAt, ...caller });
      await this.refreshTokens.insert(transaction, { hash: hashOf(refreshToken), sessionId, clientId }, expiresAt);
      return true;
    });
    return isOpen ? this.toTokens({ sessionId, clientId }, refreshToken) : undefined;
  }

  /** Undefined where the token is none of a sign-in; throws 401 where its session or its user's account has ended. */
  async authenticate(accessToken: string): Promise<CurrentClient | undefined> {
    const claims = this.accessTokens.read(accessToken);
    if (!claims) return undefined;
    const client = await this.findActive({ sessionId: claims.sessionId, clientId: claims.subject });
    if (!client) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    return client;
  }

  /** The user whose session this is, while it holds. */
  async findActive({ sessionId, clientId }: SessionKey): Promise<CurrentClient | undefined> {
    const client = await this.active.find(sessionId);
    return client?.clientId === clientId ? client : undefined;
  }

  /**
   * New tokens for a refresh token, which is thereby used up. Used again it ends the whole sign-in: one of two who
   * hold it stole it, and nobody can tell which. Within the grace it gives the same successor again.
   */
  async refresh(refreshToken: string): Promise<SessionTokens> {
    const rotation = await this.database.transaction((transaction) => this.rotate(transaction, refreshToken));
    if ('tokens' in rotation) return rotation.tokens;
    if (rotation.refusal === 'unknown') {
      throw new UnauthorizedError('This refresh token does not hold any more; sign in again.', 'REFRESH_TOKEN_INVALID');
    }
    this.logger.warn({ sessionId: rotation.sessionId }, 'a refresh token was used again; its sign-in was ended');
    const message = 'This refresh token was used before, so its sign-in was ended for safety; sign in again.';
    throw new UnauthorizedError(message, 'REFRESH_TOKEN_REUSED');
  }

  async end(sessionId: string): Promise<void> {
    await this.database.transaction((transaction) => this.revoke(transaction, sessionId));
  }

  private async rotate(transaction: Executor, refreshToken: string): Promise<Rotation> {
    const now = this.clock.now();
    const hash = hashOf(refreshToken);
    const token = await this.refreshTokens.lock(transaction, hash, now);
    if (!token?.isGood) return { refusal: 'unknown' };
    const [client] = await this.sessions.listActive([token.sessionId], now, transaction);
    if (client?.clientId !== token.clientId) return { refusal: 'unknown' };
    if (token.usedAt && now.getTime() - token.usedAt.getTime() > GRACE_MS) {
      await this.revoke(transaction, token.sessionId);
      return { refusal: 'reused', sessionId: token.sessionId };
    }
    const successor = this.successorOf(refreshToken);
    if (!token.usedAt) {
      const expiresAt = this.refreshExpiry();
      await this.refreshTokens.markUsed(transaction, hash, now);
      await this.refreshTokens.insert(transaction, { ...token, hash: hashOf(successor) }, expiresAt);
      await this.sessions.prolong(transaction, token.sessionId, expiresAt, now);
    }
    return { tokens: this.toTokens(token, successor) };
  }

  private async findAllActive(sessionIds: string[]): Promise<Map<string, CurrentClient>> {
    const clients = await this.sessions.listActive(sessionIds, this.clock.now());
    return new Map(clients.map((client) => [client.sessionId, client]));
  }

  private async revoke(transaction: Executor, sessionId: string): Promise<void> {
    const now = this.clock.now();
    await this.refreshTokens.revokeFamily(transaction, sessionId, now);
    await this.sessions.revoke(transaction, sessionId, now);
  }

  /** Derived, so that the grace can give it again although only hashes are stored; without our key nobody can. */
  private successorOf(refreshToken: string): string {
    return createHmac('sha256', this.signingKey).update(`refresh:${refreshToken}`).digest('base64url');
  }

  private refreshExpiry(): Date {
    return new Date(this.clock.now().getTime() + this.refreshMs);
  }

  private toTokens({ sessionId, clientId }: SessionKey, refresh: string): SessionTokens {
    return {
      access_token: this.accessTokens.sign({ subject: clientId, sessionId }, this.accessTokens.expiry()),
      token_type: 'bearer',
      expires_in: Math.floor(this.accessMs / 1_000),
      refresh_token: refresh,
    };
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
