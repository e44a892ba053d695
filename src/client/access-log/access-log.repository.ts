import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

/** One answered request. */
export interface AccessLogEntry {
  clientId: string | null;
  /** Method and pattern of the route: what requests are counted by. */
  action: string;
  /** The path as it was asked for, without its query, which may hold secrets. */
  endpoint: string;
  method: string;
  ipAddress: string;
  userAgent: string | null;
  durationMs: number;
  statusCode: number;
  requestId: string;
  createdAt: Date;
}

/** SQL of `client_access_logs`. */
@Injectable()
export class AccessLogRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async insert(entries: AccessLogEntry[]): Promise<void> {
    await this.database.run(
      `INSERT INTO client_access_logs (client_id, action, endpoint, method, ip_address, user_agent, response_time,
         status_code, request_id, created_at) VALUES ?`,
      [
        entries.map((entry) => [
          ...[entry.clientId, entry.action.slice(0, 100), entry.endpoint.slice(0, 200), entry.method],
          ...[entry.ipAddress.slice(0, 64), entry.userAgent?.slice(0, 1_000) ?? null, entry.durationMs],
          ...[entry.statusCode, entry.requestId, entry.createdAt],
        ]),
      ],
    );
  }
}
