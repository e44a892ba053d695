import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  AccessTokens,
  AttemptLimiter,
  bearerToken,
  Clock,
  currentRequest,
  networkOf,
  UnauthorizedError,
  type LoginForm,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { AdminCredentialsService, type Refusal, type SecondFactor } from './admin-credentials.service.js';
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

type Checked =
  | { user: AdminUserRecord; secondFactor: SecondFactor; refusal?: undefined }
  | { user?: undefined; refusal: Refusal | 'unknown_name' };

/** How exactly it is known when a sign-in was used last: each request would be a write too many. */
const SEEN_EVERY_MS = 5 * 60_000;
/** Of a name that may be a password typed into the wrong field. */
const LONGEST_NOTED_NAME = 64;

/** Who an admin is: signs admins in, and knows whose a token is. */
@Injectable()
export class AdminAuthService {
  private readonly tokens: AccessTokens;
  private readonly addresses: AttemptLimiter;

  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly users: AdminUsersRepository,
    private readonly sessions: AdminSessionsRepository,
    private readonly credentials: AdminCredentialsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    const lifetimeMs = auth.accessTokenHours * 3_600_000;
    this.tokens = new AccessTokens({ signingKey: secrets.signingKey, audience: 'admin', lifetimeMs, clock });
    const lockMs = auth.lockMinutes * 60_000;
    this.addresses = new AttemptLimiter({ maxAttempts: auth.loginAttempts, lockMs, clock, isForgiving: false });
  }

  /**
   * Refuses after too many failures, by address and by account (429). Only who has the right password learns that a
   * code is missing or wrong; every other refusal says the same (401).
   */
  async signIn(form: LoginForm, caller: AdminCaller): Promise<AdminLoginView> {
    const checked = await this.addresses.attempt(
      networkOf(caller.ipAddress),
      () => this.check(form),
      ({ refusal }) => refusal === undefined,
    );
    if (checked.user) return this.openSession(checked.user, caller, checked.secondFactor);
    // As many rows as there may be attempts: what the lock refuses is not noted.
    await this.audit.record({
      action: 'admin.sign_in_refused',
      // No actor of ours begins so: whoever signs in as `command:root` is not taken for one.
      actor: `?:${form.username.slice(0, LONGEST_NOTED_NAME)}`,
      after: { reason: checked.refusal },
    });
    throw refused(checked.refusal);
  }

  /** Throws 401 unless the header holds a token of ours whose session still holds and whose admin is active. */
  async authenticate(authorization: string | undefined): Promise<CurrentAdmin> {
    const claims = this.tokens.read(bearerToken(authorization) ?? '');
    if (!claims) throw new UnauthorizedError();
    const now = this.clock.now();
    const found = await this.sessions.findActive(claims.sessionId, claims.subject, now);
    if (!found) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    const { lastSeenAt, ...admin } = found;
    if (now.getTime() - (lastSeenAt?.getTime() ?? 0) >= SEEN_EVERY_MS) {
      await this.sessions.noteSeen(admin.sessionId, now);
    }
    return admin;
  }

  private async check({ username, ...credentials }: LoginForm): Promise<Checked> {
    const user = await this.users.findByUsername(username);
    if (!user) {
      await this.credentials.checkUnknown(username, credentials);
      return { refusal: 'unknown_name' };
    }
    const verdict = await this.credentials.check(user, credentials);
    // Thrown from here it counts neither for nor against the address.
    if (verdict.refusal === 'code_missing') throw refused(verdict.refusal);
    return verdict.refusal ? verdict : { user, secondFactor: verdict.secondFactor };
  }

  private async openSession(
    user: AdminUserRecord,
    caller: AdminCaller,
    secondFactor: SecondFactor,
  ): Promise<AdminLoginView> {
    const sessionId = randomUUID();
    const expiresAt = this.tokens.expiry();
    const request = currentRequest();
    if (request) request.admin = { adminUserId: user.id, username: user.username };
    await this.database.transaction(async (transaction) => {
      if (!(await this.users.noteSignIn(transaction, user, caller.ipAddress, this.clock.now()))) {
        throw refused('wrong_password');
      }
      await this.sessions.insert(transaction, { sessionId, adminUserId: user.id, expiresAt, ...caller });
      const target = { actor: user.username, targetType: 'admin', targetId: user.username };
      const after = { session_id: sessionId, second_factor: secondFactor };
      await this.audit.record({ action: 'admin.sign_in', ...target, after }, transaction);
    });
    return {
      access_token: this.tokens.sign({ subject: user.id, sessionId }, expiresAt),
      token_type: 'bearer',
      user: { username: user.username, display_name: user.displayName, role: user.role },
    };
  }
}

function refused(refusal: Refusal | 'unknown_name' | undefined): UnauthorizedError {
  switch (refusal) {
    case 'code_missing':
      return new UnauthorizedError(
        'This account has a second factor: send its code, or a recovery code, as totp_code, or at the end of the ' +
          'password after a space (password 123456).',
        'TOTP_REQUIRED',
      );
    case 'wrong_code':
      return new UnauthorizedError(
        'The code of the second factor is wrong; take the one that the authenticator app shows now.',
        'WRONG_TOTP_CODE',
      );
    case 'used_code':
      return new UnauthorizedError('This code was used already; wait for the next one.', 'TOTP_CODE_USED');
    default:
      return new UnauthorizedError('The username or the password is wrong.', 'WRONG_CREDENTIALS');
  }
}
