import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { MIGRATIONS } from '../../../ormconfig/four-databases.js';
import { databaseToken, type Database, type DatabaseName } from '../../database/index.js';

/** Whether each database is at least what this release was written for. */
@Injectable()
export class MigrationCheck {
  /** Once applied they stay: nobody asks again. */
  private readonly applied = new Set<DatabaseName>();

  constructor(private readonly modules: ModuleRef) {}

  /** In words; undefined: all of them ran. Throws what the database does. */
  async findProblem(name: DatabaseName): Promise<string | undefined> {
    if (this.applied.has(name)) return undefined;
    const database = this.modules.get<Database>(databaseToken(name), { strict: false });
    const rows = await database.rows<{ version: string }>(
      `SELECT version FROM schema_migrations WHERE status = 'done'`,
    );
    const done = new Set(rows.map(({ version }) => version));
    const missing = MIGRATIONS[name].filter(({ version }) => !done.has(version)).map(({ version }) => version);
    if (missing.length > 0) return `lacks migrations ${missing.join(', ')}: run db:migrate`;
    this.applied.add(name);
    return undefined;
  }
}
