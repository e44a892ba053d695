import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { generateSync } from 'otplib';
import { AdminUsersService, type AdminRole } from '../../src/admin/index.js';
import { databaseToken, type Database } from '../../src/database/index.js';
import { ApiClient } from './api-client.js';
import { startScratchServer, type ScratchServer } from './scratch-server.js';
import { startApi } from './start-api.js';

export const ADMIN_PASSWORD = 'correct horse';

export interface Answer {
  status: number;
  requestId: string | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read field by field and compared
  body: any;
}

/** The code of an authenticator app; `later`: of so many steps from now. */
export function codeOf(secret: string, later = 0): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + 30 * later });
}

/** The admin's routes on a scratch server, and admins who use them. */
export class AdminApi {
  private addresses = 0;

  private constructor(
    readonly server: ScratchServer,
    readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(): Promise<AdminApi> {
    const server = await startScratchServer();
    const { app, url } = await startApi(server, { server: { roles: ['api'], trustProxy: true } });
    return new AdminApi(server, app, url);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.server.stop();
  }

  get database(): Database {
    return this.app.get<Database>(databaseToken('admin'), { strict: false });
  }

  async make(username: string, role: AdminRole = 'admin'): Promise<void> {
    await this.app.get(AdminUsersService).create({ username, password: ADMIN_PASSWORD, role });
  }

  /** Each from an address of its own, so that nobody's failures lock another out. */
  async login(username: string, fields: Record<string, string> = {}): Promise<Answer> {
    const form = new URLSearchParams({ username, password: ADMIN_PASSWORD, ...fields });
    this.addresses += 1;
    const address = `10.0.${this.addresses >> 8}.${this.addresses & 255}`;
    return read(await new ApiClient(this.url).send('POST', '/admin/login', form, { 'x-forwarded-for': address }));
  }

  async signIn(username: string, fields: Record<string, string> = {}): Promise<Caller> {
    const { status, body } = await this.login(username, fields);
    if (status !== 200) throw new Error(`${username} is not let in: ${JSON.stringify(body)}`);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const client = new ApiClient(this.url);
    return async (method, path, sent) => read(await client.send(method, `/api/admin${path}`, sent, headers));
  }

  async makeAndSignIn(username: string, role: AdminRole = 'admin'): Promise<Caller> {
    await this.make(username, role);
    return this.signIn(username);
  }

  async idOf(username: string): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>('SELECT id FROM admin_users WHERE username = ?', [username]);
    return row!.id;
  }
}

/** Asks a route below /api/admin as the admin who signed in. */
export type Caller = (method: string, path: string, body?: unknown) => Promise<Answer>;

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const requestId = response.headers.get('x-request-id');
  return { status: response.status, requestId, body: text === '' ? undefined : JSON.parse(text) };
}
