import { Injectable } from '@nestjs/common';
import { Clock, ConflictError, hashPassword, InvalidInputError, UnauthorizedError } from '../../common/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { AdminCredentialsService } from '../auth/admin-credentials.service.js';
import { AdminSessionsRepository } from '../auth/admin-sessions.repository.js';
import { AdminUsersRepository, type AdminUserRecord } from '../auth/admin-users.repository.js';
import { checkPassword } from '../auth/admin-users.service.js';
import type { CurrentAdmin } from '../auth/current-admin.js';
import { SecondFactorsRepository } from '../auth/second-factors.repository.js';
import { SecondFactorsService } from '../auth/second-factors.service.js';
import type { ChangePasswordDto, ConfirmTotpDto, RemoveTotpDto } from './own-account.dto.js';
import { toOwnAccountView, type NewTotpView, type OwnAccountView, type RecoveryCodesView } from './own-account.view.js';

/** What admins do about their own accounts. Each step that a stolen token must not take asks for the password too. */
@Injectable()
export class OwnAccountService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly users: AdminUsersRepository,
    private readonly sessions: AdminSessionsRepository,
    private readonly factors: SecondFactorsRepository,
    private readonly secondFactors: SecondFactorsService,
    private readonly credentials: AdminCredentialsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async get(admin: CurrentAdmin): Promise<OwnAccountView> {
    const user = await this.find(admin);
    return toOwnAccountView(user, admin, await this.factors.countRecoveryCodes(user.id));
  }

  /** Ends all other sign-ins: whoever knew the old password is out. Throws 422 where it is wrong. */
  async changePassword(
    admin: CurrentAdmin,
    { old_password: oldPassword, new_password: newPassword, totp_code: totpCode }: ChangePasswordDto,
  ): Promise<{ message: string; ended_sessions: number }> {
    const user = await this.find(admin);
    await this.credentials.require(user, { password: oldPassword, totpCode });
    checkPassword(newPassword, 'new_password');
    if (newPassword === oldPassword) {
      const message = 'new_password is the old one; it must be another.';
      throw new InvalidInputError([{ field: 'new_password', message }], 'SAME_PASSWORD');
    }
    const newHash = await hashPassword(newPassword);
    const ended = await this.database.transaction(async (transaction) => {
      if (!(await this.users.replacePassword(transaction, user.id, user.passwordHash, newHash))) {
        const message = 'The password was changed by another request just now; yours was not taken.';
        throw new ConflictError(message, 'PASSWORD_CHANGED');
      }
      const others = await this.sessions.revokeAll(transaction, user.id, this.clock.now(), admin.sessionId);
      const target = { targetType: 'admin', targetId: user.username };
      await this.audit.record({ action: 'admin.password', ...target, after: { ended_sessions: others } }, transaction);
      return others;
    });
    return { message: 'The password is changed; all other sign-ins have ended.', ended_sessions: ended };
  }

  async beginTotp(admin: CurrentAdmin, password: string): Promise<NewTotpView> {
    const user = await this.find(admin);
    await this.credentials.requirePassword(user, password);
    const { secret, uri } = await this.secondFactors.begin(user);
    return { secret, otpauth_uri: uri };
  }

  async confirmTotp(admin: CurrentAdmin, { code }: ConfirmTotpDto): Promise<RecoveryCodesView> {
    return { recovery_codes: await this.secondFactors.confirm(await this.find(admin), code, admin.sessionId) };
  }

  async removeTotp(admin: CurrentAdmin, { password, code }: RemoveTotpDto): Promise<{ message: string }> {
    const user = await this.find(admin);
    if (!user.totpConfirmedAt) throw new ConflictError('There is no second factor.', 'TOTP_MISSING');
    await this.credentials.require(user, { password, totpCode: code });
    await this.database.transaction((transaction) => this.secondFactors.remove(transaction, user));
    return { message: 'The second factor is removed; the password alone signs in.' };
  }

  /** As it is now: what the guard read may be of a moment ago. */
  private async find({ adminUserId }: CurrentAdmin): Promise<AdminUserRecord> {
    const user = await this.users.find(adminUserId);
    if (!user) throw new UnauthorizedError('This sign-in has ended; sign in again.', 'SESSION_ENDED');
    return user;
  }
}
