import { Installation } from '../support/installation.js';
import { ApiClient } from '../support/api-client.js';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  enum?: unknown[];
  example?: unknown;
}

interface Operation {
  security?: object[];
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema; example?: unknown }> }>;
  parameters?: { name: string; in: string }[];
  requestBody?: object;
  'x-needs'?: { role: string; permission?: string };
}

/** By admins' sign-ins; of the nodes' routes too, which a node asks by its own token. */
const ADMIN_ROUTE = /^\/(api\/(admin|nodes|cluster|load-balancer|flames)|admin|outputs)(\/|$)/;

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Where in a schema a reader is told a name and no example of what stands there. */
function findUnexampled(schema: Schema, at: string, { components }: OpenApi): string[] {
  if (schema.example !== undefined || schema.enum) return [];
  const api = { components } as OpenApi;
  const [reference] = [schema, ...(schema.allOf ?? [])].map(({ $ref }) => $ref).filter(Boolean);
  if (reference) return findUnexampled(components.schemas[reference.split('/').at(-1)!]!, at, api);
  if (schema.items) return findUnexampled(schema.items, `${at}[]`, api);
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return [at];
  return properties.flatMap(([name, property]) => findUnexampled(property, `${at}.${name}`, api));
}

function answerOf(path: string, { paths, components }: OpenApi): Schema {
  const { schema } = paths[path]!.get!.responses['200']!.content!['application/json']!;
  return components.schemas[schema!.$ref!.split('/').at(-1)!]!;
}

describe('the description of the API (real: the whole application)', () => {
  let installation: Installation;
  let nobody: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([]);
    nobody = new ApiClient(installation.app.url);
  });

  afterAll(() => installation.stop());

  it('is open to everybody, as a page and as JSON', async () => {
    expect((await nobody.send('GET', '/docs')).status).toBe(200);
    const { paths } = await nobody.json<OpenApi>('GET', '/openapi.json');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/api/auth/login', '/api/v2/tasks/text-to-image', '/admin/login', '/api/nodes']),
    );
  });

  it('names every field of a submit, and which of them must be there', async () => {
    const { components } = await nobody.json<OpenApi>('GET', '/openapi.json');
    const { properties, required } = components.schemas.SubmitTextToImageDto!;
    expect(required).toEqual(['prompt']);
    expect(Object.keys(properties!)).toEqual(
      expect.arrayContaining(['negative_prompt', 'width', 'height', 'workflow_name', 'checkpoint', 'seed', 'batch_id']),
    );
  });

  it('names a scope for every route of the client, but for those that are for passwords alone', async () => {
    const { paths } = await nobody.json<OpenApi>('GET', '/openapi.json');
    const shutToKeys = Object.entries(paths)
      .filter(([path]) => /^\/api\/(auth|v2)\//.test(path))
      .flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { security }]) =>
          security && !security.some((way) => 'api-key' in way) ? [`${method} ${path}`] : [],
        ),
      );
    expect(shutToKeys.sort()).toEqual([
      'delete /api/v2/api-keys/{keyId}',
      'delete /api/v2/webhooks',
      'get /api/v2/api-keys',
      'get /api/v2/webhooks',
      'get /api/v2/webhooks/deliveries',
      'post /api/auth/logout',
      'post /api/v2/api-keys',
      'post /api/v2/events/token',
      'post /api/v2/webhooks/deliveries/{deliveryId}/replay',
      'put /api/v2/webhooks',
    ]);
  });

  it('says of every route of the admin side which role it needs, and how it refuses', async () => {
    const { paths, components } = await nobody.json<OpenApi>('GET', '/openapi.json');
    const guarded = Object.entries(paths)
      .filter(([path]) => ADMIN_ROUTE.test(path))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
      )
      .filter(({ operation }) => operation.security);
    expect(guarded.length).toBeGreaterThan(80);
    expect(guarded.filter(({ operation }) => !operation['x-needs']).map(({ name }) => name)).toEqual([]);
    for (const { name, operation } of guarded) {
      const { parameters = [], requestBody, responses } = operation;
      const isRead = requestBody !== undefined || parameters.some((each) => each.in === 'query');
      const refusals = ['401', '403', ...(isRead ? ['422'] : [])];
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(refusals)]);
      expect([name, Object.keys(responses).some((status) => status < '400')]).toEqual([name, true]);
      const { role, permission = role } = operation['x-needs']!;
      const { description } = responses['403']!;
      const told = ['ROLE_TOO_LOW', role, permission].filter((word) => description.includes(`\`${word}\``));
      expect([name, told]).toEqual([name, ['ROLE_TOO_LOW', role, permission]]);
    }
    expect(Object.keys(paths['/admin/login']!.post!.responses)).toEqual(['200', '401', '422', '429']);
    const users = paths['/api/admin/users']!;
    expect(users.get!['x-needs']).toEqual({ role: 'viewer', permission: 'users.read' });
    expect(users.post!['x-needs']).toEqual({ role: 'admin', permission: 'users.change' });
    const refusal = await nobody.send('GET', '/api/admin/users');
    expect(refusal.status).toBe(401);
    const { $ref } = users.get!.responses['401']!.content!['application/json']!.schema!;
    const described = components.schemas[$ref!.split('/').at(-1)!]!;
    expect(Object.keys((await refusal.json()) as object).sort()).toEqual([...described.required!].sort());
  });

  it('shows of every answer of the client and of evaluations what stands in it, with examples', async () => {
    const api = await nobody.json<OpenApi>('GET', '/openapi.json');
    const operations = Object.entries(api.paths)
      .filter(([path]) => /^\/api\/(auth|v2|flames)\//.test(path))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { responses }]) => ({ name: `${method} ${path}`, responses })),
      );
    expect(operations.length).toBeGreaterThan(50);
    const missing = operations.flatMap(({ name, responses }) => {
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const bodies = successes.flatMap(([, { content = {} }]) => Object.entries(content));
      if (bodies.length === 0) return [`${name}: no answer`];
      return bodies
        .filter(([type, { example }]) => type === 'application/json' && example === undefined)
        .flatMap(([, { schema }]) => (schema ? findUnexampled(schema, name, api) : [`${name}: no schema`]));
    });
    expect(missing).toEqual([]);
  });

  it('names the fields that answers really have', async () => {
    const api = await nobody.json<OpenApi>('GET', '/openapi.json');
    const ann = await installation.signIn('ann');
    // No node is there: it waits.
    const taskId = await ann.submit({ prompt: 'a cat', workflow_name: 'sd_basic' });
    const paths = ['/api/v2/tasks', '/api/v2/tasks/{taskId}', '/api/v2/tasks/{taskId}/status', '/api/auth/profile'];
    for (const path of [...paths, '/api/v2/files', '/api/v2/workflows', '/api/v2/config', '/api/v2/webhooks']) {
      const answer = await ann.json<object>('GET', path.replace('{taskId}', taskId));
      const { properties } = answerOf(path, api);
      expect([path, Object.keys(answer).sort()]).toEqual([path, Object.keys(properties!).sort()]);
    }
    const admin = await installation.signInAsAdmin();
    for (const path of ['/api/flames/datasets', '/api/flames/history', '/api/flames/admin/logs/stats']) {
      const answer = await admin.json<object>('GET', path);
      expect([path, Object.keys(answer).sort()]).toEqual([path, [...answerOf(path, api).required!].sort()]);
    }
    const { tasks } = await ann.json<{ tasks: { result_data: object }[] }>('GET', '/api/v2/tasks');
    const described = (name: string) => Object.keys(api.components.schemas[name]!.properties!).sort();
    expect(Object.keys(tasks[0]!).sort()).toEqual(described('TaskView'));
    expect(Object.keys(tasks[0]!.result_data).sort()).toEqual(described('ResultDataView'));
    const health = await nobody.json<object>('GET', '/api/v2/health');
    const shown = api.paths['/api/v2/health']!.get!.responses['200']!.content!['application/json']!.schema!.example;
    expect(Object.keys(health)).toEqual(Object.keys(shown as object));
  });
});
