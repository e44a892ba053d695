import mysql, { type PoolOptions } from 'mysql2';

/**
 * The driver, with a limit to how long a transaction may stand still between two statements. A process that is frozen or
 * cut off in the middle of one would hold its row locks for as long as its connection lives, and whoever takes over
 * its leases would wait for them, in vain. MariaDB alone has such a limit.
 */
export function unfrozenDriver(limitMs: number): typeof mysql {
  const statement = `SET SESSION idle_transaction_timeout = ${Math.ceil(limitMs / 1_000)}`;
  const createPool = (options: PoolOptions) => {
    const pool = mysql.createPool(options);
    // Sent before anything else on a new connection. Without its limit one works as well as on any other server.
    pool.on('connection', (connection) => connection.query(statement, (error) => error && warnOnce(error.message)));
    return pool;
  };
  return { ...mysql, createPool } as typeof mysql;
}

let hasWarned = false;

function warnOnce(reason: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(`Transactions of frozen processes are not limited: ${reason}`, 'DatabaseWarning');
}
