import { Inject, Injectable } from '@nestjs/common';
import { Clock, ConflictError, SecretBox } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { AdminCredentialsService, totpPurpose } from './admin-credentials.service.js';
import { AdminSessionsRepository } from './admin-sessions.repository.js';
import type { AdminUserRecord } from './admin-users.repository.js';
import { SecondFactorsRepository } from './second-factors.repository.js';
import { hashRecoveryCode, makeRecoveryCodes, makeTotp, type NewTotp } from './totp.js';

/** Gives accounts their second factor, and takes it away. */
@Injectable()
export class SecondFactorsService {
  private readonly box: SecretBox;

  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly factors: SecondFactorsRepository,
    private readonly sessions: AdminSessionsRepository,
    private readonly credentials: AdminCredentialsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(SETTINGS) { secrets }: Settings,
  ) {
    this.box = new SecretBox(secrets.encryptionKey);
  }

  /** A secret that counts once `confirm` was given a code of it; begun again, the one before is worth nothing. */
  async begin({ id, username }: AdminUserRecord): Promise<NewTotp> {
    const totp = makeTotp(username);
    await this.database.transaction(async (transaction) => {
      if (!(await this.factors.begin(transaction, id, this.box.seal(totp.secret, totpPurpose(id))))) {
        const message = 'There is a second factor already; remove it first (DELETE /api/admin/account/totp).';
        throw new ConflictError(message, 'TOTP_EXISTS');
      }
      await this.audit.record({ action: 'admin.totp_begin', targetType: 'admin', targetId: username }, transaction);
    });
    return totp;
  }

  /**
   * From now on sign-ins need a code; those without one end, but for the one of `sessionId`. Returns the recovery
   * codes, which nobody can read again.
   */
  async confirm(user: AdminUserRecord, code: string, sessionId: string): Promise<string[]> {
    const { id, username, totpSecret, totpConfirmedAt } = user;
    if (!totpSecret || totpConfirmedAt) throw nothingBegun();
    const now = this.clock.now();
    const step = await this.credentials.requireFirstCode(user, code);
    const codes = makeRecoveryCodes();
    await this.database.transaction(async (transaction) => {
      if (!(await this.factors.confirm(transaction, id, totpSecret, { step, now }))) throw nothingBegun();
      await this.factors.replaceRecoveryCodes(transaction, id, codes.map(hashRecoveryCode));
      const target = { targetType: 'admin', targetId: username };
      const ended = await this.sessions.revokeAll(transaction, id, now, sessionId);
      const after = { totp: true, ended_sessions: ended };
      await this.audit.record({ action: 'admin.totp_on', ...target, after }, transaction);
    });
    return codes;
  }

  async remove(transaction: Executor, { id, username, totpConfirmedAt }: AdminUserRecord): Promise<void> {
    await this.factors.remove(transaction, id);
    if (!totpConfirmedAt) return;
    const change = { before: { totp: true }, after: { totp: false } };
    const target = { targetType: 'admin', targetId: username };
    await this.audit.record({ action: 'admin.totp_off', ...target, ...change }, transaction);
  }
}

function nothingBegun(): ConflictError {
  return new ConflictError('No second factor was begun; POST /api/admin/account/totp first.', 'TOTP_NOT_BEGUN');
}
