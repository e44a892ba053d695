import { BenchDatabases, UNLIMITED } from './bench-service.js';
import { compare, type Side } from './load.js';
import { measureLongList } from './long-list.js';
import { signInUsers, USERS } from './signed-in-users.js';

const CONNECTIONS = 20;
const GOAL = 0.6;
const TASKS_A_USER = 100;

/** Status polls and lists, beside a bare server that does one SELECT for each. */
export async function main(): Promise<void> {
  const databases = await BenchDatabases.open(UNLIMITED);
  try {
    await databases.prepare(USERS);
    const url = await databases.startProgram(['api']);
    const bareUrl = await databases.startBareServer();
    const users = await signInUsers(url, databases);
    const taskIds = await Promise.all(users.map(({ authorization }) => submitMany(url, authorization)));
    const ask = (path: (index: number) => string): Side['options'] => ({
      url,
      connections: CONNECTIONS,
      requests: users.map(({ authorization }, index) => ({ path: path(index), headers: { authorization } })),
    });
    const askBare = (path: (index: number) => string): Side => ({
      name: 'bare Fastify + mysql2',
      options: { url: bareUrl, connections: CONNECTIONS, requests: users.map((_, index) => ({ path: path(index) })) },
    });
    await compare(
      'status of one task',
      { name: 'GET status', options: ask((index) => `/api/v2/tasks/${taskIds[index]}/status`) },
      askBare((index) => `/tasks/${taskIds[index]}`),
      GOAL,
    );
    await compare(
      `list of 50 among ${TASKS_A_USER}`,
      { name: 'GET tasks', options: ask(() => '/api/v2/tasks') },
      askBare((index) => `/tasks?client=${users[index]!.clientId}`),
      GOAL,
    );
    await measureLongList(databases.settings, url, users[0]!);
  } finally {
    await databases.close();
  }
}

/** Returns the last one's id. */
async function submitMany(url: string, authorization: string): Promise<string> {
  let taskId = '';
  for (let index = 0; index < TASKS_A_USER; index += 1) {
    const answer = await fetch(`${url}/api/v2/tasks/text-to-image`, {
      method: 'POST',
      body: JSON.stringify({ prompt: `picture ${index}`, seed: index }),
      headers: { 'content-type': 'application/json', authorization },
    });
    ({ task_id: taskId } = (await answer.json()) as { task_id: string });
  }
  return taskId;
}
