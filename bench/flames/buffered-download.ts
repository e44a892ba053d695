import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { env } from 'node:process';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { serverAddress } from '../../ormconfig/options.js';
import { loadSettings } from '../../src/config/index.js';
import type { TaskLog } from '../../src/flames/index.js';
import { toEntry } from '../../src/flames/reports/log-text.js';

/** The yardstick: a bare script that reads all rows of a task, makes one text of them and answers it. */
async function main(): Promise<void> {
  const { flames } = loadSettings({ environment: env }).mysql;
  const { username: user, password, database } = flames;
  const pool = createPool({ ...serverAddress('flames', flames), user, password, database });
  const server = createServer((request, response) => {
    const taskId = request.url!.slice(1);
    void readAll(taskId).then((text) => response.end(text));
  });
  async function readAll(taskId: string): Promise<string> {
    const [rows] = await pool.query<RowDataPacket[]>(
      `SELECT dimension, predicted, prompt, response FROM task_flames_logs WHERE task_id = ? ORDER BY dimension, id`,
      [taskId],
    );
    const entries = (rows as unknown as TaskLog[]).map((row, index) => toEntry(index + 1, row));
    return `Flames任务执行日志\n任务ID: ${taskId}\n生成时间: 2026/11/22 10:00:00\n${entries.join('')}`;
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  process.once('SIGTERM', () => {
    server.closeAllConnections();
    server.close(() => void pool.end());
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
});
