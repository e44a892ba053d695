import { Inject, Injectable } from '@nestjs/common';
import {
  AttemptLimiter,
  bearerToken,
  Clock,
  ForbiddenError,
  foldName,
  networkOf,
  NotFoundError,
  RateWindows,
  UnauthorizedError,
  verifyPassword,
  type LoginForm,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { dayInZone } from '../quota/day-in-zone.js';
import {
  toLoginView,
  toProfileView,
  type LoginView,
  type ProfileView,
  type RegisteredView,
} from './client-auth.view.js';
import { ClientSessionsService, type Caller } from './client-sessions.service.js';
import { ClientUsersRepository, type ClientUserRecord } from './client-users.repository.js';
import { ClientUsersService } from './client-users.service.js';
import type { CurrentClient } from './current-client.js';
import type { RegisterDto } from './register.dto.js';

/** An office or a home behind one address has so many times the failures of one name. */
const PEOPLE_AT_AN_ADDRESS = 10;

/** Tries an hour of one address: each costs a slow hash, and each account has a quota of its own. */
const REGISTRATIONS_OF_AN_ADDRESS = 20;

/** Whatever registration, the commands and earlier versions ever took for a name. */
const SIGN_IN_NAME = /^[\p{L}\p{N}._@+ -]{1,64}$/u;

/** Who a caller is: makes accounts, signs users in and out, and knows whose a token or a key is. */
@Injectable()
export class ClientAuthService {
  private readonly names: AttemptLimiter;
  private readonly addresses: AttemptLimiter;
  private readonly registrations: RateWindows;

  constructor(
    private readonly users: ClientUsersRepository,
    private readonly accounts: ClientUsersService,
    private readonly sessions: ClientSessionsService,
    private readonly apiKeys: ApiKeysService,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    const { auth } = settings;
    const lockMs = auth.lockMinutes * 60_000;
    this.names = new AttemptLimiter({ maxAttempts: auth.loginAttempts, lockMs, clock, isForgiving: true });
    const maxAttempts = auth.loginAttempts * PEOPLE_AT_AN_ADDRESS;
    this.addresses = new AttemptLimiter({ maxAttempts, lockMs, clock, isForgiving: false });
    this.registrations = new RateWindows(clock, 3_600_000);
  }

  /** Throws 403 while registration is closed, 422 for a weak password, 409 for a taken name, 429 for a flood. */
  async register({ username, password, nickname }: RegisterDto, address: string): Promise<RegisteredView> {
    if (this.settings.auth.registration === 'closed') {
      const message = 'Registration is closed here; ask those who run this service for an account.';
      throw new ForbiddenError(message, 'REGISTRATION_CLOSED');
    }
    this.registrations.count(networkOf(address), REGISTRATIONS_OF_AN_ADDRESS);
    const user = await this.accounts.create({ username, password, nickname: nickname ?? undefined });
    const { clientId, quotaLimit } = user;
    return { client_id: clientId, username, nickname: nickname ?? username, quota_limit: quotaLimit };
  }

  /** Refuses after too many failures, by name and by address; every other refusal says the same (401). */
  async signIn({ username, password }: LoginForm, caller: Caller): Promise<LoginView> {
    const isRight = (found: ClientUserRecord | undefined) => found !== undefined;
    const find = async () => {
      const named = await this.findByName(username);
      // Many spellings find one user (the column ignores case and accents): they share one lock.
      const key = named?.clientId ?? foldName(username);
      return this.names.attempt(key, () => this.checkPassword(named, password), isRight);
    };
    const user = await this.addresses.attempt(caller.ipAddress, find, isRight);
    const tokens = user && (await this.sessions.open(user, caller));
    if (!tokens) throw new UnauthorizedError('The username or the password is wrong.', 'WRONG_CREDENTIALS');
    await this.users.noteAccess(user.clientId, this.clock.now());
    return toLoginView(tokens, this.asOfToday(user));
  }

  /**
   * The user of an `Authorization` header (a token of a sign-in, a key, or a token got with a key), or else of an
   * `x-api-key` header. Throws 401 where what is sent does not hold any more.
   */
  async authenticate(authorization: string | undefined, apiKey?: string): Promise<CurrentClient> {
    const credential = bearerToken(authorization) ?? (authorization === undefined ? apiKey : undefined) ?? '';
    if (this.apiKeys.isKey(credential)) return this.apiKeys.authenticateKey(credential);
    const client = (await this.sessions.authenticate(credential)) ?? (await this.apiKeys.authenticateToken(credential));
    if (!client) throw new UnauthorizedError();
    return client;
  }

  async getProfile({ clientId }: CurrentClient): Promise<ProfileView> {
    const user = await this.users.find(clientId);
    if (!user) throw new NotFoundError('There is no such user.', 'USER_NOT_FOUND');
    return toProfileView(this.asOfToday(user));
  }

  async signOut({ sessionId }: CurrentClient): Promise<{ message: string }> {
    await this.sessions.end(sessionId);
    return { message: 'Signed out.' };
  }

  /** A name that no account can have is nobody's, though the column would find a user by some of them. */
  private async findByName(username: string): Promise<ClientUserRecord | undefined> {
    const name = username.normalize('NFC');
    return SIGN_IN_NAME.test(name) ? this.users.findByUsername(name) : undefined;
  }

  /** Takes as long where there is no user. */
  private async checkPassword(
    user: ClientUserRecord | undefined,
    password: string,
  ): Promise<ClientUserRecord | undefined> {
    const isRight = await verifyPassword(user?.passwordHash, password);
    return user && isRight && user.isActive ? user : undefined;
  }

  /** The counter of an earlier day stands until the next charge; it is shown as what it means, 0. */
  private asOfToday(user: ClientUserRecord): ClientUserRecord {
    const today = dayInZone(this.clock.now(), user.timeZone);
    return user.quotaDay !== null && user.quotaDay >= today ? user : { ...user, quotaUsed: 0, quotaDay: today };
  }
}
