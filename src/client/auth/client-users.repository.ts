import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

export interface ClientUserRecord {
  clientId: string;
  username: string;
  passwordHash: string | null;
  nickname: string | null;
  isActive: number;
  quotaLimit: number;
  quotaUsed: number;
  /** `YYYY-MM-DD` in the user's zone: the day that `quotaUsed` counts. */
  quotaDay: string | null;
  timeZone: string;
  lastAccessAt: Date | null;
}

export interface NewClientUser {
  clientId: string;
  username: string;
  passwordHash: string;
  nickname: string;
  quotaLimit: number;
}

const COLUMNS = `client_id AS clientId, username, password_hash AS passwordHash, nickname, is_active AS isActive,
  quota_limit AS quotaLimit, quota_used AS quotaUsed, DATE_FORMAT(quota_reset_date, '%Y-%m-%d') AS quotaDay,
  time_zone AS timeZone, last_access_at AS lastAccessAt`;

/** SQL of users as they sign in; the quota's counter is QuotaRepository's. */
@Injectable()
export class ClientUsersRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async findByUsername(username: string): Promise<ClientUserRecord | undefined> {
    const [user] = await this.database.rows<ClientUserRecord>(
      `SELECT ${COLUMNS} FROM client_users WHERE username = ?`,
      [username],
    );
    return user;
  }

  async find(clientId: string): Promise<ClientUserRecord | undefined> {
    const [user] = await this.database.rows<ClientUserRecord>(
      `SELECT ${COLUMNS} FROM client_users WHERE client_id = ?`,
      [clientId],
    );
    return user;
  }

  async insert(user: NewClientUser): Promise<void> {
    await this.database.run(
      'INSERT INTO client_users (client_id, username, password_hash, nickname, quota_limit) VALUES (?)',
      [[user.clientId, user.username, user.passwordHash, user.nickname, user.quotaLimit]],
    );
  }

  async noteAccess(clientId: string, now: Date): Promise<void> {
    await this.database.run('UPDATE client_users SET last_access_at = ? WHERE client_id = ?', [now, clientId]);
  }
}
