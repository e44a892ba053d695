import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  AccessTokens,
  AttemptLimiter,
  bearerToken,
  Clock,
  TooManyError,
  UnauthorizedError,
  verifyPassword,
  type LoginForm,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { AdminRole } from './admin-role.js';
import { AdminSessionsRepository } from './admin-sessions.repository.js';
import { AdminUsersRepository, type AdminUserRecord } from './admin-users.repository.js';
import type { CurrentAdmin } from './current-admin.js';

export interface AdminCaller {
  ipAddress: string;
  userAgent: string | null;
}

export interface AdminLoginView {
  access_token: string;
  token_type: 'bearer';
  user: { username: string; display_name: string | null; role: AdminRole };
}

/** Who an admin is: signs admins in, and knows whose a token is. */
@Injectable()
export class AdminAuthService {
  private readonly tokens: AccessTokens;
  private readonly addresses: AttemptLimiter;
  private readonly maxAttempts: number;
  private readonly lockMs: number;

  constructor(
    private readonly users: AdminUsersRepository,
    private readonly sessions: AdminSessionsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    const lifetimeMs = auth.accessTokenHours * 3_600_000;
    this.tokens = new AccessTokens({ signingKey: secrets.signingKey, audience: 'admin', lifetimeMs, clock });
    this.maxAttempts = auth.loginAttempts;
    this.lockMs = auth.lockMinutes * 60_000;
    this.addresses = new AttemptLimiter({
      maxAttempts: auth.loginAttempts,
      lockMs: this.lockMs,
      clock,
      isForgiving: false,
    });
  }

  /** Refuses after too many failures, by address and by account (429); every other refusal says the same (401). */
  async signIn({ username, password }: LoginForm, caller: AdminCaller): Promise<AdminLoginView> {
    const user = await this.addresses.attempt(
      caller.ipAddress,
      () => this.findRightAdmin(username, password),
      (found) => found !== undefined,
    );
    if (!user) throw new UnauthorizedError('The username or the password is wrong.', 'WRONG_CREDENTIALS');
    await this.users.noteSignIn(user.id, caller.ipAddress, this.clock.now());
    return {
      access_token: await this.openSession(user, caller),
      token_type: 'bearer',
      user: { username: user.username, display_name: user.displayName, role: user.role },
    };
  }

  /** Throws 401 unless the header holds a token of ours whose session still holds and whose admin is active. */
  async authenticate(authorization: string | undefined): Promise<CurrentAdmin> {
    const claims = this.tokens.read(bearerToken(authorization) ?? '');
    if (!claims) throw new UnauthorizedError();
    const admin = await this.sessions.findActive(claims.sessionId, claims.subject, this.clock.now());
    if (!admin) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    return admin;
  }

  private async findRightAdmin(username: string, password: string): Promise<AdminUserRecord | undefined> {
    const user = await this.users.findByUsername(username);
    if (user) await this.countAttempt(user);
    const isRight = await verifyPassword(user?.passwordHash, password);
    return user && isRight && user.status === 'active' ? user : undefined;
  }

  private async countAttempt(user: AdminUserRecord): Promise<void> {
    const now = this.clock.now();
    const lockedUntil = new Date(now.getTime() + this.lockMs);
    if (await this.users.beginAttempt(user.id, this.maxAttempts, now, lockedUntil)) return;
    const until = (user.lockedUntil ?? lockedUntil).getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil((until - now.getTime()) / 1_000));
    throw new TooManyError(
      'This account is locked after too many failed sign-ins; try again later.',
      'ACCOUNT_LOCKED',
      {
        retryAfterSeconds,
      },
    );
  }

  private async openSession(user: AdminUserRecord, caller: AdminCaller): Promise<string> {
    const sessionId = randomUUID();
    const expiresAt = this.tokens.expiry();
    await this.sessions.insert({ sessionId, adminUserId: user.id, expiresAt, ...caller });
    return this.tokens.sign({ subject: user.id, sessionId }, expiresAt);
  }
}
