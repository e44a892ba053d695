import { randomUUID } from 'node:crypto';
import { BenchDatabases, UNLIMITED } from './bench-service.js';
import { compare, load, type Side } from './load.js';
import { signInUsers, USERS } from './signed-in-users.js';

const CONNECTIONS = 20;
const GOAL = 0.6;
const BODY = { prompt: 'a lighthouse in a storm, oil on canvas', width: 768, height: 512, seed: 7 };

/** Submits through the whole path, beside a bare server that writes the same rows in the same kind of transaction. */
export async function main(): Promise<void> {
  const databases = await BenchDatabases.open(UNLIMITED);
  try {
    await databases.prepare(USERS);
    const url = await databases.startProgram(['api']);
    const bareUrl = await databases.startBareServer();
    const users = await signInUsers(url, databases);
    const shared = { method: 'POST' as const, body: JSON.stringify(BODY) };
    const json = { 'content-type': 'application/json' };
    const submit = (more: (request: object) => object = (request) => request): Side['options'] => ({
      url,
      connections: CONNECTIONS,
      requests: users.map(({ authorization }) => ({
        ...shared,
        path: '/api/v2/tasks/text-to-image',
        headers: { ...json, authorization },
        setupRequest: more as never,
      })),
    });
    const withKey = (request: object) => ({
      ...request,
      headers: { ...(request as { headers: object }).headers, 'idempotency-key': randomUUID() },
    });
    const bare: Side = {
      name: 'bare Fastify + mysql2',
      options: {
        url: bareUrl,
        connections: CONNECTIONS,
        requests: users.map(({ clientId }) => ({
          ...shared,
          path: '/submit',
          headers: { ...json, 'x-client': clientId },
        })),
      },
    };
    const perSecond = await compare('submit', { name: 'POST text-to-image', options: submit() }, bare, GOAL);
    await compare(
      'submit under an Idempotency-Key',
      { name: 'the same with a key', options: submit(withKey) },
      bare,
      GOAL,
    );
    const half = Math.round(perSecond / 2);
    const { p50Ms, p99Ms } = await load({ name: 'half load', options: { ...submit(), overallRate: half } }, 10);
    console.log(`at half of that load (${half}/s)\n  p50 ${p50Ms} ms   p99 ${p99Ms} ms (goal 50 ms)`);
  } finally {
    await databases.close();
  }
}
