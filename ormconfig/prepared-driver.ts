import mysql, { type PoolOptions } from 'mysql2';

/** Once for each connection, instead of a statement more before each transaction. */
const PREPARATIONS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION time_zone = '+00:00'",
  // Seconds; then the transaction is tried again (src/database/database.ts), a few times: 50 by default is for ever.
  'SET SESSION innodb_lock_wait_timeout = 5',
];

/**
 * The driver, with connections that are prepared before anything else is sent on them: transactions are READ
 * COMMITTED and the server's own times UTC like ours, or there is no connection; and where the server can limit it, none may stand still for longer than
 * `idleTransactionMs` between two statements. A process that is frozen or cut off in the middle of one would hold its
 * row locks for as long as its connection lives, and whoever takes over its leases would wait for them, in vain.
 */
export function preparedDriver({ idleTransactionMs }: { idleTransactionMs: number | undefined }): typeof mysql {
  const createPool = (options: PoolOptions) => {
    const pool = mysql.createPool(options);
    pool.on('connection', (connection) => {
      for (const preparation of PREPARATIONS) {
        connection.query(preparation, (error) => error && connection.destroy());
      }
      if (idleTransactionMs === undefined) return;
      const limit = `SET SESSION idle_transaction_timeout = ${Math.ceil(idleTransactionMs / 1_000)}`;
      // Without its limit a connection works as well as on any other server.
      connection.query(limit, (error) => error && warnOnce(error.message));
    });
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
