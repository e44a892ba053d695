import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  InvalidInputError,
  SecretBox,
  TooManyError,
  UnavailableError,
  verifyPassword,
  type FieldProblem,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { AdminUsersRepository, type AdminUserRecord } from './admin-users.repository.js';
import { SecondFactorsRepository } from './second-factors.repository.js';
import { findTimeStep, hashRecoveryCode, isTotpCode, withoutBlanks } from './totp.js';

/** What an admin's secret is sealed for. */
export const totpPurpose = (adminId: string) => `totp:${adminId}`;

export interface Credentials {
  password: string;
  totpCode?: string | undefined;
}

/** Why credentials are not enough. */
export type Refusal = 'wrong_password' | 'not_active' | 'code_missing' | 'wrong_code' | 'used_code';

const WRONG: Record<Refusal, FieldProblem> = {
  wrong_password: { field: 'password', message: 'The password is wrong.' },
  not_active: { field: 'password', message: 'The account is not active.' },
  code_missing: { field: 'code', message: 'The code of the second factor is missing.' },
  wrong_code: { field: 'code', message: 'The code is wrong; take the one that the authenticator app shows now.' },
  used_code: { field: 'code', message: 'This code was used already; wait for the next one.' },
};

/** Looks at passwords and codes; each look counts against its account until it proves right. */
@Injectable()
export class AdminCredentialsService {
  private readonly box: SecretBox;
  private readonly maxAttempts: number;
  private readonly lockMs: number;

  constructor(
    private readonly users: AdminUsersRepository,
    private readonly factors: SecondFactorsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    this.box = new SecretBox(secrets.encryptionKey);
    this.maxAttempts = auth.loginAttempts;
    this.lockMs = auth.lockMinutes * 60_000;
  }

  /**
   * Undefined: the password and, where there is a second factor, its code are right. Throws 429 while the account is
   * locked. What was counted is for the caller to forget, once the matter is done.
   */
  async findRefusal(user: AdminUserRecord, { password, totpCode }: Credentials): Promise<Refusal | undefined> {
    await this.countAttempt(user);
    if (!(await verifyPassword(user.passwordHash, password))) return 'wrong_password';
    if (user.status !== 'active') return 'not_active';
    if (!user.totpConfirmedAt) return undefined;
    if (totpCode !== undefined) return this.findCodeRefusal(user, totpCode);
    // Neither right nor wrong; forgetting all attempts here would let codes be guessed without end.
    await this.users.takeBackAttempt(user.id);
    return 'code_missing';
  }

  /** For who is signed in: throws 422, since a 401 would send the dashboard to its sign-in page. */
  async require(user: AdminUserRecord, credentials: Credentials): Promise<void> {
    const refusal = await this.findRefusal(user, credentials);
    if (refusal) throw new InvalidInputError([WRONG[refusal]], refusal.toUpperCase());
    await this.users.forgetAttempts(user.id);
  }

  /** The same without looking at the second factor. */
  requirePassword(user: AdminUserRecord, password: string): Promise<void> {
    return this.require({ ...user, totpConfirmedAt: null }, { password });
  }

  private async findCodeRefusal(user: AdminUserRecord, given: string): Promise<Refusal | undefined> {
    const now = this.clock.now();
    const code = withoutBlanks(given);
    if (!isTotpCode(code)) {
      return (await this.factors.useRecoveryCode(user.id, hashRecoveryCode(code), now)) ? undefined : 'wrong_code';
    }
    const step = findTimeStep(this.openSecret(user), code, now);
    if (step === undefined) return 'wrong_code';
    return (await this.factors.useStep(user.id, step)) ? undefined : 'used_code';
  }

  private openSecret({ id, totpSecret }: AdminUserRecord): string {
    try {
      return this.box.open(totpSecret ?? '', totpPurpose(id));
    } catch (error) {
      const message =
        'Codes of this account cannot be checked: secrets.encryption_key is not the one its second factor was kept ' +
        'under. A recovery code still signs in; `admin:reset-totp` removes the second factor.';
      throw new UnavailableError(message, 'TOTP_UNREADABLE', { cause: error });
    }
  }

  private async countAttempt(user: AdminUserRecord): Promise<void> {
    const now = this.clock.now();
    const lockedUntil = new Date(now.getTime() + this.lockMs);
    if (await this.users.beginAttempt(user.id, this.maxAttempts, now, lockedUntil)) return;
    const until = (user.lockedUntil ?? lockedUntil).getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil((until - now.getTime()) / 1_000));
    const message = 'This account is locked after too many failed sign-ins; try again later.';
    throw new TooManyError(message, 'ACCOUNT_LOCKED', { retryAfterSeconds });
  }
}
