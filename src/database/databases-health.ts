import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { DATABASE_NAMES, type DatabaseName } from './database-name.js';
import { databaseToken } from './bind-database.js';
import type { Database } from './database.js';

const PATIENCE_MS = 2_000;

/** Whether each of the four databases answers: undefined, or what is wrong. */
@Injectable()
export class DatabasesHealth {
  constructor(private readonly modules: ModuleRef) {}

  async check(): Promise<Record<DatabaseName, string | undefined>> {
    const checks = DATABASE_NAMES.map(async (name) => [name, await this.findProblem(name)] as const);
    return Object.fromEntries(await Promise.all(checks)) as Record<DatabaseName, string | undefined>;
  }

  private async findProblem(name: DatabaseName): Promise<string | undefined> {
    const database = this.modules.get<Database>(databaseToken(name), { strict: false });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${PATIENCE_MS} ms`), PATIENCE_MS);
    });
    const answer = database.rows('SELECT 1').then(
      () => undefined,
      (error: unknown) => (error as Error).message || 'not reachable',
    );
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  }
}
