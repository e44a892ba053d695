import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

export interface LoggedStatement {
  sql: string;
  /** Rows that it matched or changed, as the server counted them. */
  rows: number;
}

/**
 * What the server of a test was really sent, and how many rows each statement changed: MariaDB's log of slow statements,
 * where nothing is too quick to be listed. It tells processes apart by their accounts.
 */
export class StatementLog {
  private constructor(private readonly connection: Connection) {}

  /** From here on, for connections that are opened later. */
  static async start(adminDsn: string): Promise<StatementLog> {
    const connection = await createConnection(adminDsn);
    await connection.query(`SET SESSION long_query_time = 3600`);
    await connection.query(`SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL log_slow_filter = ''`);
    await connection.query(`SET GLOBAL slow_query_log = 1`);
    return new StatementLog(connection);
  }

  /** An account of one process's own, allowed what `like` is. */
  async createAccountLike(like: string, name: string, password: string): Promise<void> {
    const [grants] = await this.connection.query<RowDataPacket[]>(`SHOW GRANTS FOR ?`, [like]);
    for (const grant of grants.map((row) => String(Object.values(row)[0]))) {
      await this.connection.query(grant.replace(/ TO .*$/, ` TO \`${name}\`@\`%\` IDENTIFIED BY ?`), [password]);
    }
  }

  clear(): Promise<unknown> {
    return this.connection.query('TRUNCATE mysql.slow_log');
  }

  /** Since `clear()`: what this account tried to write into these tables, whether or not it changed anything. */
  async writes(account: string, tables: string[]): Promise<LoggedStatement[]> {
    const [statements] = await this.connection.query<RowDataPacket[]>(
      `SELECT CONVERT(sql_text USING utf8mb4) AS \`sql\`, rows_affected AS \`rows\` FROM mysql.slow_log
       WHERE user_host LIKE ? AND CONVERT(sql_text USING utf8mb4) REGEXP ? ORDER BY start_time`,
      [`${account}[%`, `^\\s*(INSERT( IGNORE)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\\s+(${tables.join('|')})\\b`],
    );
    return statements as unknown as LoggedStatement[];
  }

  /** How many statements of this kind an account is waiting with, for a lock of somebody else. */
  async countWaiting(account: string, start: string): Promise<number> {
    const [[row]] = await this.connection.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = ? AND INFO LIKE ? AND STATE LIKE 'Waiting%'`,
      [account, `${start}%`],
    );
    return Number(row!.n);
  }

  stop(): Promise<void> {
    return this.connection.end();
  }
}
