import { startApplication, type RunningApplication } from '../../src/main.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';

describe('smoke', () => {
  let server: ScratchServer;
  let app: RunningApplication;
  beforeAll(async () => {
    server = await startScratchServer({ overrides: { log: { level: 'debug' } } });
    app = await startApplication(server.settings);
  });
  afterAll(async () => {
    await app?.close();
    await server?.stop();
  });
  it('answers', async () => {
    await app.createClientUserIfAbsent('alice', 'password-1');
    const response = await fetch(`${app.url}/api/health`);
    console.log(response.status, await response.text());
    const login = await fetch(`${app.url}/api/auth/login`, { method: 'POST', body: new URLSearchParams({ username: 'alice', password: 'password-1' }) });
    const { access_token: token, ...rest } = (await login.json()) as { access_token: string };
    console.log(login.status, rest);
    const submit = await fetch(`${app.url}/api/v2/tasks/text-to-image`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ prompt: 'a cat', width: 512, height: 512, workflow_name: 'sd_basic', seed: -1 }) });
    console.log(submit.status, await submit.text());
    const list = await fetch(`${app.url}/api/v2/tasks`, { headers: { authorization: `Bearer ${token}` } });
    console.log(list.status, await list.text());
  });
});
