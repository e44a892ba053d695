import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database } from '../../database/index.js';
import type { CurrentClient } from '../auth/current-client.js';
import type { Scope } from '../auth/scopes.js';

export interface ApiKeyRecord {
  keyId: string;
  name: string;
  keyPrefix: string;
  scopes: Scope[];
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
}

export interface NewApiKey {
  keyId: string;
  clientId: string;
  name: string;
  keyHash: string;
  keyPrefix: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
}

/** A user who comes by a key. */
interface KeyHolderRow {
  clientId: string;
  sessionId: string;
  username: string;
  timeZone: string;
  scopes: unknown;
}

const SELECT_HOLDER = `
  SELECT u.client_id AS clientId, k.key_id AS sessionId, u.username, u.time_zone AS timeZone, k.scopes
  FROM api_keys k JOIN client_users u ON u.client_id = k.client_id
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?) AND u.is_active = 1`;

/** SQL of API keys; only hashes are stored, and a revoked key stays as a row. */
@Injectable()
export class ApiKeysRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** False where the user already has `most` keys. */
  async insert(key: NewApiKey, most: number): Promise<boolean> {
    const inserted = await this.database.run(
      `INSERT INTO api_keys (key_id, client_id, name, key_hash, key_prefix, scopes, created_at, expires_at)
       SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM DUAL
       WHERE (SELECT COUNT(*) FROM api_keys WHERE client_id = ? AND revoked_at IS NULL) < ?`,
      [
        ...[key.keyId, key.clientId, key.name, key.keyHash, key.keyPrefix, JSON.stringify(key.scopes)],
        ...[key.createdAt, key.expiresAt],
        ...[key.clientId, most],
      ],
    );
    return inserted === 1;
  }

  async list(clientId: string): Promise<ApiKeyRecord[]> {
    const rows = await this.database.rows<ApiKeyRecord>(
      `SELECT key_id AS keyId, name, key_prefix AS keyPrefix, scopes, created_at AS createdAt,
              last_used_at AS lastUsedAt, expires_at AS expiresAt
       FROM api_keys WHERE client_id = ? AND revoked_at IS NULL ORDER BY id DESC`,
      [clientId],
    );
    return rows.map((row) => ({ ...row, scopes: fromJson<Scope[]>(row.scopes) }));
  }

  async findByHash(keyHash: string, now: Date): Promise<CurrentClient | undefined> {
    return toHolder(await this.database.rows(`${SELECT_HOLDER} AND k.key_hash = ?`, [now, keyHash]));
  }

  async findById(keyId: string, clientId: string, now: Date): Promise<CurrentClient | undefined> {
    const sql = `${SELECT_HOLDER} AND k.key_id = ? AND k.client_id = ?`;
    return toHolder(await this.database.rows(sql, [now, keyId, clientId]));
  }

  /** False: no such key, another's, or revoked before. */
  async revoke(clientId: string, keyId: string, now: Date): Promise<boolean> {
    const changed = await this.database.run(
      'UPDATE api_keys SET revoked_at = ? WHERE key_id = ? AND client_id = ? AND revoked_at IS NULL',
      [now, keyId, clientId],
    );
    return changed === 1;
  }

  async noteUse(keyIds: string[], now: Date): Promise<void> {
    await this.database.run('UPDATE api_keys SET last_used_at = ? WHERE key_id IN (?)', [now, keyIds]);
  }
}

function toHolder([row]: KeyHolderRow[]): CurrentClient | undefined {
  return row && { ...row, scopes: fromJson<Scope[]>(row.scopes) };
}
