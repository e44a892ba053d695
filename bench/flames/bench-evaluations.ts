import { createConnection, type Connection } from 'mysql2/promise';
import type { INestApplicationContext } from '@nestjs/common';
import { AdminUsersService } from '../../src/admin/index.js';
import { BenchDatabases, PASSWORD, UNLIMITED } from '../bench-service.js';
import { openServices } from '../services.js';

const ADMIN = 'bench';

/** The evaluation service over databases of its own. */
export class BenchEvaluations {
  private constructor(
    readonly databases: BenchDatabases,
    /** As the server's administrator, in the database of evaluations. */
    readonly sql: Connection,
    readonly services: INestApplicationContext,
  ) {}

  static async start(): Promise<BenchEvaluations> {
    const databases = await BenchDatabases.open({ ...UNLIMITED, flames: { allowPrivateTargets: true } });
    const { settings, adminDsn } = databases;
    const sql = await createConnection(adminDsn);
    await sql.query(`USE \`${settings.mysql.flames.database}\``);
    // What is made here only to be measured among need not be restorable; LOAD DATA LOCAL is off in installations.
    await sql.query('SET SESSION sql_log_bin = 0');
    await sql.query('SET GLOBAL local_infile = 1');
    const services = await openServices(settings);
    await services.get(AdminUsersService).create({ username: ADMIN, password: PASSWORD, role: 'operator' });
    return new BenchEvaluations(databases, sql, services);
  }

  /** The real program with all its roles, and what its requests are signed with. */
  async startProgram(): Promise<{ url: string; authorization: string }> {
    const url = await this.databases.startProgram(['api', 'dispatch', 'sync', 'jobs']);
    const body = new URLSearchParams({ username: ADMIN, password: PASSWORD });
    const answer = await fetch(`${url}/admin/login`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`The admin could not sign in: ${answer.status} ${await answer.text()}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return { url, authorization: `Bearer ${token}` };
  }

  async close(): Promise<void> {
    await this.services.close();
    await this.sql.end();
    await this.databases.close();
  }
}
