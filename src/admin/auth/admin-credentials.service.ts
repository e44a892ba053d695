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
import { AuditService } from '../audit/audit.service.js';
import { AdminUsersRepository, type AdminUserRecord } from './admin-users.repository.js';
import { SecondFactorsRepository } from './second-factors.repository.js';
import { findTimeStep, hashRecoveryCode, isTotpCode, withoutBlanks } from './totp.js';
import { UnknownNames } from './unknown-names.js';

/** What an admin's secret is sealed for. */
export const totpPurpose = (adminId: string) => `totp:${adminId}`;

export interface Credentials {
  password: string;
  totpCode?: string | undefined;
}

/** Why credentials are not enough. */
export type Refusal = 'wrong_password' | 'not_active' | 'code_missing' | 'wrong_code' | 'used_code';

const WRONG_CODE = 'The code is wrong; take the one that the authenticator app shows now, and look at its clock.';

const WRONG: Record<Refusal, FieldProblem> = {
  wrong_password: { field: 'password', message: 'The password is wrong.' },
  not_active: { field: 'password', message: 'The account is not active.' },
  code_missing: { field: 'totp_code', message: 'The code of the second factor is missing; send it as totp_code.' },
  wrong_code: { field: 'code', message: WRONG_CODE },
  used_code: { field: 'code', message: 'This code was used already; wait for the next one.' },
};

/** A recovery code that was used is worth a look: its owner lost the phone, or the paper. */
export type SecondFactor = 'none' | 'app' | 'recovery code';

export type Verdict = { refusal: Refusal } | { refusal?: undefined; secondFactor: SecondFactor };

/** A code behind a password, in one field. */
const PASSWORD_AND_CODE = /^(.+) (\d{6}|[0-9a-f]{4}(?:-[0-9a-f]{4}){4})$/is;

/** Looks at passwords and codes; each look counts against its account until it proves right. */
@Injectable()
export class AdminCredentialsService {
  private readonly box: SecretBox;
  private readonly unknownNames: UnknownNames;
  private readonly maxAttempts: number;
  private readonly lockMs: number;

  constructor(
    private readonly users: AdminUsersRepository,
    private readonly factors: SecondFactorsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(SETTINGS) { auth, secrets }: Settings,
  ) {
    this.box = new SecretBox(secrets.encryptionKey);
    this.maxAttempts = auth.loginAttempts;
    this.lockMs = auth.lockMinutes * 60_000;
    this.unknownNames = new UnknownNames(this.maxAttempts, this.lockMs, clock);
  }

  /** Throws 429 while the account is locked. What was counted is for the caller to forget, once the matter is done. */
  async check(user: AdminUserRecord, credentials: Credentials): Promise<Verdict> {
    await this.countAttempt(user);
    const { isRight, totpCode } = await readPassword(user.passwordHash, credentials);
    // A code at the password's end is part of a password where there is no second factor.
    if (!isRight || (!user.totpConfirmedAt && totpCode !== credentials.totpCode)) return { refusal: 'wrong_password' };
    if (user.status !== 'active') return { refusal: 'not_active' };
    if (!user.totpConfirmedAt) return { secondFactor: 'none' };
    if (totpCode !== undefined) return this.checkCode(user, totpCode);
    // Neither right nor wrong; forgetting all attempts here would let codes be guessed without end.
    await this.users.takeBackAttempt(user.id);
    return { refusal: 'code_missing' };
  }

  /** As long, and as often, as for a name that somebody has. Throws 429. */
  async checkUnknown(username: string, credentials: Credentials): Promise<void> {
    const lockedUntil = this.unknownNames.count(username);
    if (lockedUntil) throw this.locked(lockedUntil);
    await readPassword(undefined, credentials);
  }

  /** For who is signed in: throws 422, since a 401 would send the dashboard to its sign-in page. */
  async require(user: AdminUserRecord, credentials: Credentials): Promise<void> {
    const { refusal } = await this.check(user, credentials);
    if (refusal) await this.refuse(user, refusal);
    await this.users.forgetAttempts(user.id);
  }

  /** Without a code. Where there is a second factor, codes that were guessed wrong still count afterwards. */
  async requirePassword(user: AdminUserRecord, password: string): Promise<void> {
    if (!user.totpConfirmedAt) return this.require(user, { password });
    const { refusal } = await this.check({ ...user, totpConfirmedAt: null }, { password });
    if (refusal) await this.refuse(user, refusal);
    await this.users.takeBackAttempt(user.id);
  }

  /** Of a second factor that is not confirmed yet; returns its time step. Wrong ones still count after a right one. */
  async requireFirstCode(user: AdminUserRecord, code: string): Promise<number> {
    const secret = this.openSecret(user);
    await this.countAttempt(user);
    const step = findTimeStep(secret, withoutBlanks(code), this.clock.now());
    if (step === undefined) return this.refuse(user, 'wrong_code');
    await this.users.takeBackAttempt(user.id);
    return step;
  }

  /** As many rows as there may be attempts: a missing code counts as none. */
  private async refuse({ username }: AdminUserRecord, refusal: Refusal): Promise<never> {
    if (refusal !== 'code_missing') {
      const target = { targetType: 'admin', targetId: username };
      await this.audit.record({ action: 'admin.refused', ...target, after: { reason: refusal } });
    }
    throw new InvalidInputError([WRONG[refusal]], refusal.toUpperCase());
  }

  private async checkCode(user: AdminUserRecord, given: string): Promise<Verdict> {
    const now = this.clock.now();
    const code = withoutBlanks(given);
    if (!isTotpCode(code)) {
      const isRight = await this.factors.useRecoveryCode(user.id, hashRecoveryCode(code), now);
      return isRight ? { secondFactor: 'recovery code' } : { refusal: 'wrong_code' };
    }
    const step = findTimeStep(await this.openOrTakeBack(user), code, now);
    if (step === undefined) return { refusal: 'wrong_code' };
    return (await this.factors.useStep(user.id, step)) ? { secondFactor: 'app' } : { refusal: 'used_code' };
  }

  /** Our own trouble is nobody's wrong code: recovery codes must go on to sign in. */
  private async openOrTakeBack(user: AdminUserRecord): Promise<string> {
    try {
      return this.openSecret(user);
    } catch (error) {
      await this.users.takeBackAttempt(user.id);
      throw error;
    }
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
    throw this.locked(user.lockedUntil ?? lockedUntil);
  }

  private locked(until: Date): TooManyError {
    const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - this.clock.now().getTime()) / 1_000));
    const message = 'This account is locked after too many failed sign-ins; try again later.';
    return new TooManyError(message, 'ACCOUNT_LOCKED', { retryAfterSeconds });
  }
}

/** The deployed dashboard has no field for a code: it may stand at the password's end, after a space. */
async function readPassword(hash: string | undefined, { password, totpCode }: Credentials) {
  const isRight = await verifyPassword(hash, password);
  const [, before, code] = PASSWORD_AND_CODE.exec(password) ?? [];
  if (isRight || totpCode !== undefined || before === undefined) return { isRight, totpCode };
  return { isRight: await verifyPassword(hash, before), totpCode: code };
}
