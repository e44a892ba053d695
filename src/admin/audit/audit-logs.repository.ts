import { Injectable } from '@nestjs/common';
import {
  beginning,
  containing,
  fromJson,
  InjectDatabase,
  type Database,
  type Executor,
  type SqlValue,
} from '../../database/index.js';

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

export interface AuditLogRecord extends NewAuditLog {
  id: string;
  createdAt: Date;
}

export interface AuditFilter {
  actor?: string | undefined;
  /** With a dot at its end: all actions that begin so. */
  action?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
  /** Anywhere in the actor or the target. */
  q?: string | undefined;
}

/** Counting goes no further: nobody pages through more, and the table may be large. */
export const MOST_COUNTED = 10_000;

const COLUMNS = `id, admin_user_id AS adminUserId, actor, action, target_type AS targetType, target_id AS targetId,
  before_state AS \`before\`, after_state AS \`after\`, ip_address AS ipAddress, user_agent AS userAgent,
  request_id AS requestId, created_at AS createdAt`;

/** All SQL of `audit_logs`: rows are added and read, never changed, and removed by retention alone. */
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

  /** The newest first, from below `beforeId` on. */
  async list(filter: AuditFilter, { beforeId, limit }: { beforeId?: string | undefined; limit: number }) {
    const { where, values } = toCondition(filter);
    const cursor = beforeId === undefined ? '' : 'AND id < ?';
    const rows = await this.database.rows<AuditLogRecord>(
      `SELECT ${COLUMNS} FROM audit_logs WHERE ${where} ${cursor} ORDER BY id DESC LIMIT ?`,
      [...values, ...(beforeId === undefined ? [] : [beforeId]), limit],
    );
    return rows.map(toRecord);
  }

  /** At most one above MOST_COUNTED, which stands for "more". */
  async count(filter: AuditFilter): Promise<number> {
    const { where, values } = toCondition(filter);
    const [row] = await this.database.rows<{ total: string }>(
      `SELECT COUNT(*) AS total FROM (SELECT 1 FROM audit_logs WHERE ${where} LIMIT ?) counted`,
      [...values, MOST_COUNTED + 1],
    );
    return Number(row?.total ?? 0);
  }

  async find(id: string): Promise<AuditLogRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM audit_logs WHERE id = ?`;
    const [row] = await this.database.rows<AuditLogRecord>(sql, [id]);
    return row && toRecord(row);
  }

  /** One batch of what retention lets go; returns how many there were. By key, so that no new row waits for it. */
  async removeBefore(time: Date, limit: number): Promise<number> {
    const old = await this.database.rows<{ id: string }>(
      'SELECT id FROM audit_logs WHERE created_at < ? ORDER BY created_at LIMIT ?',
      [time, limit],
    );
    if (old.length === 0) return 0;
    return this.database.run('DELETE FROM audit_logs WHERE id IN (?)', [old.map(({ id }) => id)]);
  }
}

function toCondition({ actor, action, targetType, targetId, from, to, q }: AuditFilter) {
  const given: [string, SqlValue][] = [];
  if (actor !== undefined) given.push(['actor = ?', actor]);
  if (action?.endsWith('.')) given.push([`action LIKE ? ESCAPE '!'`, beginning(action)]);
  else if (action !== undefined) given.push(['action = ?', action]);
  if (targetType !== undefined) given.push(['target_type = ?', targetType]);
  if (targetId !== undefined) given.push(['target_id = ?', targetId]);
  if (from !== undefined) given.push(['created_at >= ?', from]);
  if (to !== undefined) given.push(['created_at < ?', to]);
  if (q !== undefined) given.push([`CONCAT(actor, ' ', COALESCE(target_id, '')) LIKE ? ESCAPE '!'`, containing(q)]);
  return {
    where: ['TRUE', ...given.map(([sql]) => sql)].join(' AND '),
    values: given.map(([, value]) => value),
  };
}

function toRecord(row: AuditLogRecord): AuditLogRecord {
  return { ...row, before: fromJson(row.before), after: fromJson(row.after) };
}

function toJson(state: unknown): string | null {
  return state === undefined || state === null ? null : JSON.stringify(state);
}
