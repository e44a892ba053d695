import { Injectable } from '@nestjs/common';
import type { TimeCursor } from '../../common/index.js';
import { fromJson, InjectDatabase, type Database, type SqlValue } from '../../database/index.js';
import type { NewSystemLog, SystemLogLevel } from './to-system-log.js';

export interface SystemLogRecord {
  id: string;
  level: SystemLogLevel;
  module: string | null;
  message: string;
  details: unknown;
  adminUserId: string | null;
  taskId: string | null;
  nodeId: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
}

export interface SystemLogFilter {
  levels?: SystemLogLevel[];
  module?: string;
  taskId?: string;
  nodeId?: string;
  text?: string;
  from?: Date;
  to?: Date;
}

const COLUMNS = `l.id, l.level, l.module, l.message, l.details, l.admin_user_id AS adminUserId, l.task_id AS taskId,
  COALESCE(n.node_id, JSON_VALUE(l.details, '$.nodeId')) AS nodeId, l.ip_address AS ipAddress,
  l.user_agent AS userAgent, l.created_at AS createdAt`;

/** SQL of `system_logs`. */
@Injectable()
export class SystemLogsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async insert(logs: NewSystemLog[]): Promise<void> {
    const row = '(?, ?, ?, ?, ?, ?, (SELECT id FROM nodes WHERE node_id = ?), ?, ?, ?, ?)';
    await this.database.run(
      `INSERT INTO system_logs (level, module, message, details, admin_user_id, task_id, node_id, ip_address, user_agent,
         created_at, expire_on) VALUES ${logs.map(() => row).join(', ')}`,
      logs.flatMap((log) => [
        ...[log.level, log.module, log.message, log.details, log.adminUserId, log.taskId, log.nodeId],
        ...[log.ipAddress, log.userAgent, log.createdAt, log.expireOn],
      ]),
    );
  }

  /** The newest first, from behind `after` on. What has expired is not shown, though it may be there for a while. */
  async list(filter: SystemLogFilter, after: TimeCursor | undefined, limit: number): Promise<SystemLogRecord[]> {
    const [where, values] = conditionsOf(filter, after);
    const rows = await this.database.rows<SystemLogRecord>(
      `SELECT ${COLUMNS} FROM system_logs l LEFT JOIN nodes n ON n.id = l.node_id
       WHERE ${where} ORDER BY l.created_at DESC, l.id DESC LIMIT ${limit}`,
      values,
    );
    return rows.map((row) => ({ ...row, details: row.details === null ? null : fromJson(row.details) }));
  }

  /** Behind `afterId`, so many expired rows at most: how many there were, and where to go on. */
  async removeExpired(today: string, afterId: string, limit: number): Promise<{ removed: number; lastId: string }> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM system_logs WHERE expire_on < ? AND id > ? ORDER BY id LIMIT ?',
      [today, afterId, limit],
    );
    if (rows.length === 0) return { removed: 0, lastId: afterId };
    const lastId = rows.at(-1)!.id;
    const removed = await this.database.run('DELETE FROM system_logs WHERE id > ? AND id <= ? AND expire_on < ?', [
      ...[afterId, lastId, today],
    ]);
    return { removed, lastId };
  }
}

/** A row expires on the day it is made or later: what expired before `from` lies in partitions that are not read. */
function conditionsOf(filter: SystemLogFilter, after: TimeCursor | undefined): [string, SqlValue[]] {
  const { levels, module, taskId, nodeId, text, from, to } = filter;
  const given: [string, SqlValue[]][] = [['l.expire_on >= UTC_DATE()', []]];
  if (levels?.length) given.push(['l.level IN (?)', [levels]]);
  if (module !== undefined) given.push(['l.module = ?', [module]]);
  if (taskId !== undefined) given.push(['l.task_id = ?', [taskId]]);
  if (nodeId !== undefined) given.push(['l.node_id = (SELECT id FROM nodes WHERE node_id = ?)', [nodeId]]);
  if (text !== undefined) given.push(['l.message LIKE ?', [`%${text.replace(/[\\%_]/g, '\\$&')}%`]]);
  if (from) given.push(['l.created_at >= ? AND l.expire_on >= DATE(?)', [from, from]]);
  if (to) given.push(['l.created_at < ?', [to]]);
  if (after) {
    const { createdAt, id } = after;
    given.push(['l.created_at <= ? AND (l.created_at < ? OR l.id < ?)', [createdAt, createdAt, id]]);
  }
  return [given.map(([condition]) => condition).join(' AND '), given.flatMap(([, values]) => values)];
}
