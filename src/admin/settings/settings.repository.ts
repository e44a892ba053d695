import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { SettingType } from './setting-values.js';

export interface StoredSetting {
  key: string;
  /** Null: back to the default. */
  text: string | null;
  type: SettingType;
  description: string | null;
  isPublic: number;
  revision: number;
  updatedAt: Date;
  updatedBy: string | null;
}

export interface SettingChangeRecord {
  actor: string;
  before: unknown;
  after: unknown;
  changedAt: Date;
}

interface NewValue {
  text: string | null;
  type: SettingType;
  description: string;
  isPublic: boolean;
  updatedBy: string;
}

const COLUMNS = `config_key AS \`key\`, config_value AS text, config_type AS type, description, is_public AS isPublic,
  revision, updated_at AS updatedAt, updated_by AS updatedBy`;
const OF_SETTING = "FROM audit_logs WHERE target_type = 'setting' AND target_id = ?";

/** SQL of `system_configs`; its history is what the audit log says of it. */
@Injectable()
export class SettingsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  list(): Promise<StoredSetting[]> {
    return this.database.rows<StoredSetting>(`SELECT ${COLUMNS} FROM system_configs ORDER BY config_key`);
  }

  /** Makes the row where there is none (revision 0), so that there is one to lock. */
  async lock(executor: Executor, key: string): Promise<StoredSetting> {
    await executor.run('INSERT IGNORE INTO system_configs (config_key, revision) VALUES (?, 0)', [key]);
    const sql = `SELECT ${COLUMNS} FROM system_configs WHERE config_key = ? FOR UPDATE`;
    const [stored] = await executor.rows<StoredSetting>(sql, [key]);
    if (!stored) throw new Error(`the setting ${key} vanished within its transaction`);
    return stored;
  }

  async change(executor: Executor, key: string, { text, type, description, isPublic, updatedBy }: NewValue) {
    await executor.run(
      `UPDATE system_configs SET config_value = ?, config_type = ?, description = ?, is_public = ?, updated_by = ?,
         revision = revision + 1 WHERE config_key = ?`,
      [text, type, description, isPublic, updatedBy.slice(0, 100), key],
    );
  }

  async listChanges(key: string, limit: number, offset: number): Promise<SettingChangeRecord[]> {
    const rows = await this.database.rows<SettingChangeRecord>(
      `SELECT actor, before_state AS \`before\`, after_state AS after, created_at AS changedAt
       ${OF_SETTING} ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
      [key],
    );
    return rows.map((row) => ({ ...row, before: fromJson(row.before), after: fromJson(row.after) }));
  }

  async countChanges(key: string): Promise<number> {
    const [row] = await this.database.rows<{ total: string }>(`SELECT COUNT(*) AS total ${OF_SETTING}`, [key]);
    return Number(row?.total ?? 0);
  }
}
