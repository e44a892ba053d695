import { Injectable } from '@nestjs/common';
import type { TimeCursor } from '../../common/index.js';
import { InjectDatabase, type Database, type SqlValue } from '../../database/index.js';

export interface StoredAccessLog {
  id: string;
  clientId: string | null;
  action: string;
  endpoint: string | null;
  method: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  durationMs: number | null;
  statusCode: number | null;
  requestId: string | null;
  createdAt: Date;
}

export interface StoredAccessLogFilter {
  clientId?: string;
  action?: string;
  minStatus?: number;
  ipAddress?: string;
  requestId?: string;
  from?: Date;
  to?: Date;
}

/** So many requests of a route took so long and were answered so. */
export interface RequestCount {
  action: string;
  statusClass: number;
  durationMs: number;
  requests: number;
}

const COLUMNS = `id, client_id AS clientId, action, endpoint, method, ip_address AS ipAddress, user_agent AS userAgent,
  response_time AS durationMs, status_code AS statusCode, request_id AS requestId, created_at AS createdAt`;

/** Reads of `client_access_logs`, and the removal of old rows. */
@Injectable()
export class AccessLogReadsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  list(filter: StoredAccessLogFilter, after: TimeCursor | undefined, limit: number): Promise<StoredAccessLog[]> {
    const [where, values] = conditionsOf(filter, after);
    return this.database.rows<StoredAccessLog>(
      `SELECT ${COLUMNS} FROM client_access_logs WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ${limit}`,
      values,
    );
  }

  /** Read from an index alone. */
  async count({ from, to }: { from: Date; to: Date }): Promise<RequestCount[]> {
    const rows = await this.database.rows<Record<keyof RequestCount, string>>(
      `SELECT action, COALESCE(status_code, 0) DIV 100 AS statusClass, COALESCE(response_time, 0) AS durationMs,
         COUNT(*) AS requests
       FROM client_access_logs WHERE created_at >= ? AND created_at < ? GROUP BY 1, 2, 3 ORDER BY 1, 3`,
      [from, to],
    );
    return rows.map(({ action, statusClass, durationMs, requests }) => ({
      action,
      statusClass: Number(statusClass),
      durationMs: Number(durationMs),
      requests: Number(requests),
    }));
  }

  /** Behind `afterId`, so many old rows at most: how many there were, and where to go on. */
  async removeBefore(time: Date, afterId: string, limit: number): Promise<{ removed: number; lastId: string }> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM client_access_logs WHERE created_at < ? AND id > ? ORDER BY id LIMIT ?',
      [time, afterId, limit],
    );
    if (rows.length === 0) return { removed: 0, lastId: afterId };
    const lastId = rows.at(-1)!.id;
    const removed = await this.database.run(
      'DELETE FROM client_access_logs WHERE id > ? AND id <= ? AND created_at < ?',
      [afterId, lastId, time],
    );
    return { removed, lastId };
  }
}

function conditionsOf(filter: StoredAccessLogFilter, after: TimeCursor | undefined): [string, SqlValue[]] {
  const { clientId, action, minStatus, ipAddress, requestId, from, to } = filter;
  const given: [string, SqlValue[]][] = [['TRUE', []]];
  if (clientId !== undefined) given.push(['client_id = ?', [clientId]]);
  if (action !== undefined) given.push(['action = ?', [action]]);
  if (minStatus !== undefined) given.push(['status_code >= ?', [minStatus]]);
  if (ipAddress !== undefined) given.push(['ip_address = ?', [ipAddress]]);
  if (requestId !== undefined) given.push(['request_id = ?', [requestId]]);
  if (from) given.push(['created_at >= ?', [from]]);
  if (to) given.push(['created_at < ?', [to]]);
  if (after) {
    const { createdAt, id } = after;
    given.push(['created_at <= ? AND (created_at < ? OR id < ?)', [createdAt, createdAt, id]]);
  }
  return [given.map(([condition]) => condition).join(' AND '), given.flatMap(([, values]) => values)];
}
