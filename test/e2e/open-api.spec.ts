import { Installation } from '../support/installation.js';
import { ApiClient } from '../support/api-client.js';

interface OpenApi {
  paths: Record<string, Record<string, { security?: object[] }>>;
  components: { schemas: Record<string, { properties: Record<string, unknown>; required?: string[] }> };
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
    expect(Object.keys(properties)).toEqual(
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
});
