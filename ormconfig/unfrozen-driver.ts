import mysql, { type PoolOptions } from 'mysql2';

/**
 * The driver, with a limit to how long a transaction may stand still between two statements. A process that is frozen or
 * cut off in the middle of one would hold its row locks for as long as its connection lives, and whoever takes over
 * its leases would wait for them, in vain. MariaDB alone has such a limit; MySQL reads it as a comment.
 */
export function unfrozenDriver(limitMs: number): typeof mysql {
  const seconds = Math.ceil(limitMs / 1_000);
  const statement = `SET @idle_limit = ${seconds} /*M!100300 , SESSION idle_transaction_timeout = ${seconds} */`;
  const createPool = (options: PoolOptions) => {
    const pool = mysql.createPool(options);
    // Sent before anything else on a new connection; one without its limit is not used.
    pool.on('connection', (connection) => connection.query(statement, (error) => error && connection.destroy()));
    return pool;
  };
  return { ...mysql, createPool } as typeof mysql;
}
