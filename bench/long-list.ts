import { createConnection } from 'mysql2/promise';
import type { Settings } from '../src/config/index.js';
import { median } from './load.js';

const TASKS = 1_000_000;
const ROUNDS = 9;
/** Where in the list, as parts of it. */
const DEPTHS = [0.1, 0.5, 0.9];
const CURSOR_GOAL = 2;
const OFFSET_GOAL_MS = 200;

interface ListAnswer {
  total: number;
  next_cursor: string | null;
}

/** A user with a million tasks: pages by cursor beside the first page, and pages by offset, over HTTP. */
export async function measureLongList(
  settings: Settings,
  url: string,
  user: { clientId: string; authorization: string },
) {
  await fill(settings, user.clientId);
  const get = async (query: string): Promise<ListAnswer> => {
    const answer = await fetch(`${url}/api/v2/tasks?${query}`, { headers: { authorization: user.authorization } });
    if (!answer.ok) throw new Error(`the list answered ${answer.status}`);
    return (await answer.json()) as ListAnswer;
  };
  const { total } = await get('');
  const offsets = DEPTHS.map((depth) => `offset=${Math.floor(total * depth)}`);
  const cursors = await Promise.all(offsets.map(async (query) => `cursor=${(await get(query)).next_cursor}`));
  const queries = ['', ...cursors, ...offsets];
  const times = new Map<string, number[]>(queries.map((query) => [query, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const query of queries) {
      const startedMs = performance.now();
      await get(query);
      times.get(query)!.push(performance.now() - startedMs);
    }
  }
  const took = (query: string) => median(times.get(query)!);
  const slowestCursor = Math.max(...cursors.map(took));
  const slowestOffset = Math.max(...offsets.map(took));
  console.log(
    `pages of 50 among ${total} tasks of one user (medians of ${ROUNDS} interleaved rounds; the slowest depth)`,
  );
  console.log(`  first page                   ${took('').toFixed(1)} ms`);
  console.log(`  by cursor                    ${slowestCursor.toFixed(1)} ms`);
  console.log(`  by offset                    ${slowestOffset.toFixed(1)} ms (goal ${OFFSET_GOAL_MS} ms)`);
  console.log(`  ratio ${(slowestCursor / took('')).toFixed(2)} by cursor (goal at most ${CURSOR_GOAL})`);
}

/** Doubles what is there until it is enough: written by the server itself, in half a minute. */
async function fill({ mysql: { client } }: Settings, clientId: string): Promise<void> {
  const connection = await createConnection({
    ...(client.socketPath ? { socketPath: client.socketPath } : { host: client.host, port: client.port }),
    user: client.username,
    password: client.password,
    database: client.database,
  });
  const columns = 'task_id, client_id, task_type, workflow_name, workflow_version, prompt, run_no, cancel_run, status';
  const values = `UUID(), ?, 'text_to_image', 'sd_basic', 1, 'a lighthouse in a storm', 1, 0, 'completed'`;
  try {
    const insert = `INSERT INTO client_tasks (${columns}, created_at)`;
    await connection.query(`${insert} VALUES (${values}, NOW(3))`, [clientId]);
    for (let count = 1; count < TASKS;) {
      const more = Math.min(count, TASKS - count, 50_000);
      await connection.query(
        `${insert} SELECT ${values}, created_at + INTERVAL id * 7919 % 100000000 MICROSECOND
         FROM client_tasks WHERE client_id = ? LIMIT ${more}`,
        [clientId, clientId],
      );
      count += more;
    }
  } finally {
    await connection.end();
  }
}
