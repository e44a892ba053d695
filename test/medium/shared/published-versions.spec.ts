import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, MalformedEventError, type Database } from '../../../src/database/index.js';
import { WORKFLOW_PUBLISHED, WorkflowVersionsService } from '../../../src/shared/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('published versions of workflows (real: MariaDB and the services of shared)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const announced = () =>
    database.rows<{ name: string; version: number }>(
      'SELECT aggregate_id AS name, run_no AS version FROM outbox WHERE topic = ? ORDER BY id',
      [WORKFLOW_PUBLISHED],
    );

  it('I21 are kept once and handed on once, however often they come', async () => {
    const workflow = makePublishedWorkflow({ workflowName: 'w1' });
    for (let time = 0; time < 2; time += 1) {
      await app.get(WorkflowVersionsService).applyPublished([workflow, { ...workflow, version: 2 }]);
    }
    expect(await announced()).toEqual([
      { name: 'w1', version: 1 },
      { name: 'w1', version: 2 },
    ]);
  });

  it('I21 are never replaced: the same number with another hash is refused for good, and what came with it waits', async () => {
    const workflow = makePublishedWorkflow({ workflowName: 'w2' });
    const versions = app.get(WorkflowVersionsService);
    await versions.applyPublished([workflow]);
    const definition = { ...workflow.definition, description: 'another' };
    const other = { ...workflow, contentHash: 'f'.repeat(64), definition };
    const both = [{ ...workflow, version: 2 }, other];
    await expect(versions.applyPublished(both)).rejects.toThrow(MalformedEventError);
    expect(await versions.find('w2', 1)).toEqual(workflow.definition);
    expect(await versions.find('w2', 2)).toBeUndefined();
    expect((await announced()).filter(({ name }) => name === 'w2')).toHaveLength(1);
  });
});
