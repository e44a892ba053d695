import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';

/** SQL of admins' second factors: the secret in `admin_users`, the codes that stand in for it. */
@Injectable()
export class SecondFactorsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** Keeps a secret that does not count yet; false where one counts already. */
  async begin(transaction: Executor, adminId: string, sealed: string): Promise<boolean> {
    const sql = 'UPDATE admin_users SET totp_secret = ? WHERE id = ? AND totp_confirmed_at IS NULL';
    return (await transaction.run(sql, [sealed, adminId])) === 1;
  }

  /** False where another secret was begun since, or this one counts already. */
  async confirm(transaction: Executor, adminId: string, sealed: string, use: { step: number; now: Date }) {
    const sql = `UPDATE admin_users SET totp_confirmed_at = ?, totp_last_step = ?
                 WHERE id = ? AND totp_secret = ? AND totp_confirmed_at IS NULL`;
    return (await transaction.run(sql, [use.now, use.step, adminId, sealed])) === 1;
  }

  /** False where this step's code, or a later one's, was used before. */
  async useStep(adminId: string, step: number): Promise<boolean> {
    const sql = `UPDATE admin_users SET totp_last_step = ?
                 WHERE id = ? AND totp_confirmed_at IS NOT NULL AND (totp_last_step IS NULL OR totp_last_step < ?)`;
    return (await this.database.run(sql, [step, adminId, step])) === 1;
  }

  async useRecoveryCode(adminId: string, hash: string, now: Date): Promise<boolean> {
    const sql = `UPDATE admin_recovery_codes SET used_at = ?
                 WHERE admin_user_id = ? AND code_hash = ? AND used_at IS NULL`;
    return (await this.database.run(sql, [now, adminId, hash])) === 1;
  }

  async replaceRecoveryCodes(transaction: Executor, adminId: string, hashes: string[]): Promise<void> {
    await transaction.run('DELETE FROM admin_recovery_codes WHERE admin_user_id = ?', [adminId]);
    if (hashes.length === 0) return;
    await transaction.run('INSERT INTO admin_recovery_codes (admin_user_id, code_hash) VALUES ?', [
      hashes.map((hash) => [adminId, hash]),
    ]);
  }

  async countRecoveryCodes(adminId: string): Promise<number> {
    const [row] = await this.database.rows<{ total: string }>(
      'SELECT COUNT(*) AS total FROM admin_recovery_codes WHERE admin_user_id = ? AND used_at IS NULL',
      [adminId],
    );
    return Number(row?.total ?? 0);
  }

  async remove(transaction: Executor, adminId: string): Promise<void> {
    await transaction.run(
      'UPDATE admin_users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL WHERE id = ?',
      [adminId],
    );
    await this.replaceRecoveryCodes(transaction, adminId, []);
  }
}
