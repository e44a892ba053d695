import { DATABASE_NAMES } from '../../../src/database/index.js';
import { checkDrift } from '../../../src/operations/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

describe('drift between migrations and entities', () => {
  let server: ScratchServer;

  beforeAll(async () => {
    server = await startScratchServer();
  });
  afterAll(() => server.stop());

  it.each(DATABASE_NAMES)('finds none in %s', async (name) => {
    expect(await checkDrift(name, server.settings)).toEqual([]);
  });

  it('sees a column of another type, a missing index and a missing column', async () => {
    const connection = await openMigrationConnection('client', server.settings);
    await connection.query('ALTER TABLE client_tasks MODIFY message varchar(100)');
    await connection.query('ALTER TABLE client_tasks DROP INDEX uq_client_tasks_task_id');
    await connection.query('ALTER TABLE client_users DROP COLUMN nickname');
    await connection.end();

    const statements = (await checkDrift('client', server.settings)).join('\n');

    expect(statements).toContain('`message`');
    expect(statements).toContain('uq_client_tasks_task_id');
    expect(statements).toContain('`nickname`');
  });
});
