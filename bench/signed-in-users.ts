import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { PASSWORD, type BenchDatabases } from './bench-service.js';

export interface SignedInUser {
  clientId: string;
  authorization: string;
}

/** One user's submits wait for each other by design (their quota is exact), and nobody may have 500 tasks waiting. */
export const USERS = Array.from({ length: 100 }, (_, index) => `bench-${index}`);

/** Signs them in on the running service. */
export async function signInUsers(url: string, databases: BenchDatabases, names = USERS): Promise<SignedInUser[]> {
  const connection = await createConnection(databases.adminDsn);
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT username, client_id AS clientId FROM \`${databases.settings.mysql.client.database}\`.client_users`,
  );
  await connection.end();
  const clientIds = new Map(rows.map(({ username, clientId }) => [String(username), String(clientId)]));
  const users: SignedInUser[] = [];
  // One after the other: an address that signs in too often at once is refused.
  for (const username of names) {
    const body = new URLSearchParams({ username, password: PASSWORD });
    const answer = await fetch(`${url}/api/auth/login`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`${username} could not sign in: ${answer.status} ${await answer.text()}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    users.push({ clientId: clientIds.get(username)!, authorization: `Bearer ${token}` });
  }
  return users;
}
