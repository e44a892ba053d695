import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  AccessTokens,
  AttemptLimiter,
  bearerToken,
  Clock,
  NotFoundError,
  UnauthorizedError,
  verifyPassword,
  type LoginForm,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { dayInZone } from '../quota/day-in-zone.js';
import { toLoginView, toProfileView, type LoginView, type ProfileView } from './client-auth.view.js';
import { ClientSessionsRepository } from './client-sessions.repository.js';
import { ClientUsersRepository, type ClientUserRecord } from './client-users.repository.js';
import type { CurrentClient } from './current-client.js';

export interface Caller {
  ipAddress: string;
  userAgent: string | null;
}

/** An office or a home behind one address has so many times the failures of one name. */
const PEOPLE_AT_AN_ADDRESS = 10;

/** Who a caller is: signs users in and out, and knows whose a token is. */
@Injectable()
export class ClientAuthService {
  private readonly tokens: AccessTokens;
  private readonly names: AttemptLimiter;
  private readonly addresses: AttemptLimiter;

  constructor(
    private readonly users: ClientUsersRepository,
    private readonly sessions: ClientSessionsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    const lifetimeMs = auth.accessTokenHours * 3_600_000;
    this.tokens = new AccessTokens({ signingKey: secrets.signingKey, audience: 'client', lifetimeMs, clock });
    const lockMs = auth.lockMinutes * 60_000;
    this.names = new AttemptLimiter({ maxAttempts: auth.loginAttempts, lockMs, clock, isForgiving: true });
    const maxAttempts = auth.loginAttempts * PEOPLE_AT_AN_ADDRESS;
    this.addresses = new AttemptLimiter({ maxAttempts, lockMs, clock, isForgiving: false });
  }

  /** Refuses after too many failures, by name and by address; every other refusal says the same (401). */
  async signIn({ username, password }: LoginForm, caller: Caller): Promise<LoginView> {
    const find = () => this.findRightUser(username, password);
    const isRight = (found: ClientUserRecord | undefined) => found !== undefined;
    const user = await this.addresses.attempt(
      caller.ipAddress,
      () => this.names.attempt(username.toLowerCase(), find, isRight),
      isRight,
    );
    if (!user) throw new UnauthorizedError('The username or the password is wrong.', 'WRONG_CREDENTIALS');
    return toLoginView(await this.openSession(user, caller), this.asOfToday(user));
  }

  /** Throws 401 unless the header holds a token of ours whose session still holds and whose user is active. */
  async authenticate(authorization: string | undefined): Promise<CurrentClient> {
    const claims = this.tokens.read(bearerToken(authorization) ?? '');
    if (!claims) throw new UnauthorizedError();
    const client = await this.sessions.findActive(claims.sessionId, claims.subject, this.clock.now());
    if (!client) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    return client;
  }

  async getProfile({ clientId }: CurrentClient): Promise<ProfileView> {
    const user = await this.users.find(clientId);
    if (!user) throw new NotFoundError('There is no such user.', 'USER_NOT_FOUND');
    return toProfileView(this.asOfToday(user));
  }

  async signOut({ sessionId }: CurrentClient): Promise<{ message: string }> {
    await this.sessions.revoke(sessionId, this.clock.now());
    return { message: 'Signed out.' };
  }

  private async findRightUser(username: string, password: string): Promise<ClientUserRecord | undefined> {
    const user = await this.users.findByUsername(username);
    const isRight = await verifyPassword(user?.passwordHash, password);
    return user && isRight && user.isActive ? user : undefined;
  }

  private async openSession({ clientId }: ClientUserRecord, caller: Caller): Promise<string> {
    const sessionId = randomUUID();
    const expiresAt = this.tokens.expiry();
    await this.sessions.insert({ sessionId, clientId, expiresAt, ...caller });
    await this.users.noteAccess(clientId, this.clock.now());
    return this.tokens.sign({ subject: clientId, sessionId }, expiresAt);
  }

  /** The counter of an earlier day stands until the next charge; it is shown as what it means, 0. */
  private asOfToday(user: ClientUserRecord): ClientUserRecord {
    const today = dayInZone(this.clock.now(), user.timeZone);
    return user.quotaDay !== null && user.quotaDay >= today ? user : { ...user, quotaUsed: 0, quotaDay: today };
  }
}
