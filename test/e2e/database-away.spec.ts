import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

describe('a database that goes away (real: MariaDB stopped and started under the running application)', () => {
  let installation: Installation;
  let client: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([{ name: 'one' }]);
    client = await installation.signIn('alice');
  });

  afterAll(() => installation.stop());

  const health = async () => (await client.send('GET', '/api/health')).status;
  const task = { prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', seed: 1 };

  it('gives 503 while it is away, and everything works again by itself once it is back', async () => {
    const before = await client.submit(task);
    await installation.server.suspend();
    await waitFor(async () => (await health()) === 503, { what: 'an unhealthy service' });
    const refused = await client.send('GET', '/api/v2/tasks');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'DATABASE_UNAVAILABLE', detail: expect.any(String) });
    await installation.server.resume();
    await waitFor(async () => (await health()) === 200, { timeoutMs: 20_000, what: 'a healthy service' });
    const after = await client.submit({ ...task, seed: 2 });
    const states = await waitUntilOver(client, [before, after]);
    expect(states.map(({ status }) => status)).toEqual(['completed', 'completed']);
  });
});
