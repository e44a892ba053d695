import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';

export interface NewAuditLog {
  adminUserId: string | null;
  actor: string;
  action: string;
  targetType: string | null;
  targetId: string | null;
  before: unknown;
  after: unknown;
  ipAddress: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** SQL of `audit_logs`: rows are added and read, never changed. */
@Injectable()
export class AuditLogsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async insert(entry: NewAuditLog, executor: Executor = this.database): Promise<void> {
    await executor.run(
      `INSERT INTO audit_logs (admin_user_id, actor, action, target_type, target_id, before_state, after_state,
         ip_address, user_agent, request_id) VALUES (?)`,
      [
        [
          ...[entry.adminUserId, entry.actor.slice(0, 100), entry.action, entry.targetType],
          ...[entry.targetId?.slice(0, 100) ?? null, toJson(entry.before), toJson(entry.after)],
          ...[entry.ipAddress, entry.userAgent?.slice(0, 1_000) ?? null, entry.requestId],
        ],
      ],
    );
  }

  /** Removes old rows, so many at once; how many. */
  async removeBefore(time: Date, limit: number): Promise<number> {
    const old = await this.database.rows<{ id: string }>(
      'SELECT id FROM audit_logs WHERE created_at < ? ORDER BY created_at LIMIT ?',
      [time, limit],
    );
    if (old.length === 0) return 0;
    return this.database.run('DELETE FROM audit_logs WHERE id IN (?)', [old.map(({ id }) => id)]);
  }
}

function toJson(state: unknown): string | null {
  return state === undefined || state === null ? null : JSON.stringify(state);
}
