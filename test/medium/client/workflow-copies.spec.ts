import { ClientWorkflowsService } from '../../../src/client/index.js';
import { MalformedEventError } from '../../../src/database/index.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

describe('the copies of published workflows', () => {
  let client: OpenClient;
  let workflows: ClientWorkflowsService;

  beforeAll(async () => {
    client = await openClient();
    workflows = client.services.get(ClientWorkflowsService);
  });

  afterAll(() => client.close());

  it('are stored once, and read back whole', async () => {
    const workflow = await publishWorkflow(client, { workflowName: 'w1' });
    await workflows.storeVersions([workflow, workflow]);
    expect(await workflows.findCurrent('w1')).toEqual(workflow);
    const rows = await client.database.rows<{ n: string }>(
      "SELECT COUNT(*) AS n FROM workflow_versions WHERE workflow_name = 'w1'",
    );
    expect(rows).toEqual([{ n: '1' }]);
  });

  it('I21 are never overwritten: the same number with another hash is refused for good', async () => {
    const workflow = await publishWorkflow(client, { workflowName: 'w2' });
    const other = { ...workflow, contentHash: 'f'.repeat(64) };
    const fresh = { ...workflow, version: 2 };
    await expect(workflows.storeVersions([fresh, other])).rejects.toThrow(MalformedEventError);
    expect(await workflows.findCurrent('w2')).toEqual(workflow);
  });

  it('are current by their number, whatever the order in which they came', async () => {
    await publishWorkflow(client, { workflowName: 'w3', version: 3 });
    await publishWorkflow(client, { workflowName: 'w3', version: 2 });
    expect((await workflows.findCurrent('w3'))?.version).toBe(3);
    expect(await workflows.findCurrent('nothing')).toBeUndefined();
  });

  it('have as the default the first one of its type that is enabled', async () => {
    const names = (await workflows.list()).map(({ workflowName }) => workflowName);
    expect(names).toEqual(['w1', 'w2', 'w3']);
    const { definition } = (await workflows.findCurrent('w1'))!;
    await publishWorkflow(client, { workflowName: 'w1', version: 9, definition: { ...definition, isEnabled: false } });
    expect((await workflows.findDefault('text_to_image'))?.workflowName).toBe('w2');
    expect(await workflows.findDefault('image_to_video')).toBeUndefined();
  });
});
