import { env } from 'node:process';
import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { loadSettings } from '../src/config/index.js';

/** What both sides write, apart from what only the service knows (defaults, drawn seeds, the event's whole state). */
const PARAMETERS = ['prompt', 'width', 'height', 'seed', 'steps', 'cfg', 'checkpoint'];

/**
 * The yardstick: the same rows in the same kind of transaction, the same SELECT, on Fastify and mysql2 with nothing
 * around them: no sign-in, no validation, no framework.
 */
async function main(): Promise<void> {
  const { client } = loadSettings({ environment: env }).mysql;
  const pool = mysql.createPool({
    ...(client.socketPath ? { socketPath: client.socketPath } : { host: client.host, port: client.port }),
    user: client.username,
    password: client.password,
    database: client.database,
    connectionLimit: client.poolSize,
    timezone: 'Z',
  });
  const app = fastify();

  app.post<{ Body: Record<string, unknown>; Headers: { 'x-client': string } }>('/submit', async (request) => {
    const connection = await pool.getConnection();
    const taskId = randomUUID();
    const clientId = request.headers['x-client'];
    try {
      await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await connection.beginTransaction();
      await connection.query(
        `INSERT IGNORE INTO quota_ledger (client_id, task_id, run_no, kind, amount, quota_day)
         VALUES (?, ?, 1, 'charge', 1, CURRENT_DATE)`,
        [clientId, taskId],
      );
      await connection.query(
        `UPDATE client_users SET quota_used = quota_used + 1, quota_reset_date = CURRENT_DATE
         WHERE client_id = ? AND is_active = 1 AND quota_used < quota_limit`,
        [clientId],
      );
      const { prompt, width, height, seed } = request.body;
      // Over from the start: the service counts what waits, and must not pay for the yardstick's rows.
      const [{ insertId }] = await connection.query<ResultSetHeader>(
        `INSERT INTO client_tasks (task_id, client_id, task_type, workflow_name, workflow_version, prompt, run_no,
           cancel_run, status, created_at, width, height, seed)
         VALUES (?, ?, 'text_to_image', 'sd_basic', 1, ?, 1, 0, 'cancelled', NOW(3), ?, ?, ?)`,
        [taskId, clientId, prompt, width, height, seed],
      );
      await connection.query(
        'INSERT INTO client_task_parameters (task_id, parameter_name, parameter_value, parameter_type) VALUES ?',
        [PARAMETERS.map((name) => [insertId, name, JSON.stringify(request.body[name] ?? 'default'), 'string'])],
      );
      await connection.query(
        'INSERT INTO outbox (event_id, topic, aggregate_id, run_no, state_version, payload) VALUES (?, ?, ?, 1, 0, ?)',
        [randomUUID(), 'task.wished', taskId, JSON.stringify({ taskId, ...request.body, padding: 'x'.repeat(600) })],
      );
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
    return { task_id: taskId, status: 'queued' };
  });

  app.get<{ Params: { taskId: string } }>('/tasks/:taskId', async (request) => {
    const [[row]] = await pool.query<RowDataPacket[]>('SELECT * FROM client_tasks WHERE task_id = ?', [
      request.params.taskId,
    ]);
    return row ?? {};
  });

  app.get<{ Querystring: { client: string } }>('/tasks', async (request) => {
    const [rows] = await pool.query<RowDataPacket[]>(
      'SELECT * FROM client_tasks WHERE client_id = ? ORDER BY created_at DESC, id DESC LIMIT 50',
      [request.query.client],
    );
    return { tasks: rows };
  });

  process.stdout.write(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
  process.once('SIGTERM', () => process.exit(0));
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
});
