import fc from 'fast-check';
import { Installation, waitUntilOver } from '../support/installation.js';
import type { ApiClient } from '../support/api-client.js';
import { OpenApiRequests, type FuzzedRequest, type OpenApiDocument } from '../support/openapi-requests.js';

const REQUESTS = Number(process.env.PROVE_ROUNDS ?? 15);
/** Nothing that a request asks for takes longer; one that does hangs. */
const HANGS_AFTER_MS = 20_000;
/** Ending the sign-in would make all later requests alike. */
const SKIPPED = new Set(['post /api/auth/logout', 'post /api/admin/account/logout']);

describe('every route (real: the whole application; requests made from its own description)', () => {
  let installation: Installation;
  let client: ApiClient;
  let admin: ApiClient;
  let document: OpenApiDocument;
  let requests: OpenApiRequests;
  const totals = { routes: 0, requests: 0, valid: 0, statuses: {} as Record<number, number> };

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }], {
      auth: { defaultQuota: 1_000_000, loginAttempts: 1_000_000 },
      limits: { requestsPerUser: 1_000_000, requestsPerAddress: 1_000_000, queuedPerUser: 100_000 },
    });
    client = await installation.signIn('alice');
    admin = await installation.signInAsAdmin();
    document = await client.json<OpenApiDocument>('GET', '/openapi.json');
    const submits = [1, 2, 3].map((seed) => client.submit({ prompt: 'a cat', width: 64, height: 64, seed }));
    const taskIds = await Promise.all(submits);
    await waitUntilOver(client, taskIds);
    const ids = [...taskIds, crypto.randomUUID()];
    requests = new OpenApiRequests(document, {
      taskId: ids,
      task_id: ids,
      workflow_name: ['sd_basic', 'sdxl_basic'],
      checkpoint: ['SD\\majicmixRealistic_v7.safetensors'],
      sampler: ['euler'],
      scheduler: ['normal'],
      index: ['0', '1'],
    });
  });

  afterAll(async () => {
    await installation.stop();
    if (process.env.PROVE_ROUNDS) process.stderr.write(`${JSON.stringify(totals, null, 2)}\n`);
  });

  async function send(method: string, route: string, request: FuzzedRequest): Promise<number> {
    const { path, body, headers } = request;
    const caller = /^\/(api\/)?admin|^\/api\/(nodes|cluster|load-balancer|flames)/.test(route) ? admin : client;
    const sent = method === 'get' ? undefined : body;
    const answer = await caller.send(method.toUpperCase(), path, sent, headers);
    // A stream of events goes on for as long as somebody listens.
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel();
    else await answer.arrayBuffer();
    return answer.status;
  }

  it(
    `answers ${REQUESTS} requests each, wild and tame, without failing or hanging`,
    async () => {
      for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          if (SKIPPED.has(`${method} ${path}`)) continue;
          totals.routes += 1;
          await fc.assert(
            fc.asyncProperty(requests.arbitrary(path, operation), async (request) => {
              const status = await send(method, path, request);
              totals.requests += 1;
              totals.valid += request.isValid ? 1 : 0;
              totals.statuses[status] = (totals.statuses[status] ?? 0) + 1;
              expect([method, path, status < 500 ? 'answered' : status]).toEqual([method, path, 'answered']);
            }),
            { numRuns: REQUESTS, endOnFailure: true, timeout: HANGS_AFTER_MS },
          );
        }
      }
      expect(totals.valid / totals.requests).toBeGreaterThan(0.2);
    },
    60_000 + REQUESTS * 60 * 100,
  );
});
