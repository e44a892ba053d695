import type { PromptGraph } from '../../../src/shared/index.js';
import { DrivenNode, makeGraph } from '../../support/driven-node.js';

/** Two savers of one picture: one gets it, the other stands behind a node that blocks its branch. */
const HALF_BLOCKED: PromptGraph = {
  paint: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
  block: { class_type: 'TestBlocker', inputs: { image: ['paint', 0], message: 'not today' } },
  save: { class_type: 'SaveImage', inputs: { images: ['paint', 0], filename_prefix: 'one' } },
  blocked: { class_type: 'SaveImage', inputs: { images: ['block', 0], filename_prefix: 'another' } },
};

describe('what a prompt brings (real: MariaDB, storage; a simulated node; the fleet is the test)', () => {
  let driven: DrivenNode;

  beforeAll(async () => {
    driven = await DrivenNode.start();
    await driven.publish('half_blocked', HALF_BLOCKED);
  });

  afterEach(() => driven.reset());

  afterAll(() => driven.stop());

  it('s03 is not a result where a saver of the graph made nothing, though the prompt succeeded', async () => {
    const row = await driven.assignTask('half_blocked');
    await driven.takeOver();
    await driven.waitForStatus(row, 'queued');
    expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'started', 'finished: success']);
    expect(await driven.endOf(row)).toMatchObject({ error_code: 'NO_OUTPUT' });
    expect((await driven.endOf(row)).error_message).toContain('blocked');
    expect(await driven.database.rows('SELECT file_id FROM global_files')).toEqual([]);
  });

  it('s08 records of each file whether this run made it', async () => {
    const row = await driven.assign();
    await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    const files = await driven.database.rows<{ state: string }>(
      `SELECT JSON_VALUE(file_metadata, '$.state') AS state FROM global_files ORDER BY id`,
    );
    expect(files.map(({ state }) => state)).toEqual(
      Object.keys(makeGraph()).flatMap((id) => (/save/.test(id) ? 'fresh' : [])),
    );
  });

  it('has a node that ran out of memory make room, and tries there again where there is no other', async () => {
    driven.simulator.faults.arm('out_of_memory');
    const row = await driven.assign();
    const { node } = await driven.takeOver();
    await driven.waitForStatus(row, 'queued');
    expect(await driven.endOf(row)).toMatchObject({ error_code: 'OUT_OF_MEMORY' });
    expect(node.count('freeMemory')).toBe(1);
    const [task] = await driven.database.rows('SELECT excluded_nodes FROM global_tasks');
    expect(task).toMatchObject({ excluded_nodes: null });
  });
});
