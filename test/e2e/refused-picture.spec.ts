import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import type { ApiClient } from '../support/api-client.js';
import { Installation, QUICK, waitUntilOver } from '../support/installation.js';
import { upload } from '../support/upload.js';

const TASK = { prompt: 'waves', workflow_name: 'Wan2.1 i2v', width: 64, height: 64, length: 5, steps: 2 };
/** A node is asked for half a minute before it is given up for a picture. */
const TIMEOUT_MS = 120_000;

interface Run {
  installation: Installation;
  ann: ApiClient;
  taskIds: string[];
}

describe('a node that refuses an uploaded picture (real: all but the nodes, which are told to)', () => {
  let twoNodes: Run;
  let oneAttempt: Run;

  // Both at once: they do little but wait.
  beforeAll(async () => {
    twoNodes = await start(['one', 'two'], 4);
    oneAttempt = await start(['one'], 1, { dispatch: { ...QUICK.dispatch, maxAttempts: 1 } });
  });

  afterAll(async () => {
    await twoNodes.installation.stop();
    await oneAttempt.installation.stop();
  });

  /** The first node never takes a picture. */
  async function start(names: string[], count: number, overrides = {}): Promise<Run> {
    const nodes = names.map((name) => ({ name }));
    const installation = await Installation.start(nodes, overrides);
    installation.simulators[0]!.faults.arm('refuse_upload', { times: 1_000 });
    const ann = await installation.signIn('ann');
    const { relative_path: image } = await upload(ann);
    const submit = (_: unknown, seed: number) =>
      ann.json<{ task_id: string }>('POST', '/api/v2/tasks/image-to-video', { ...TASK, image, seed });
    const submitted = await Promise.all(Array.from({ length: count }, submit));
    return { installation, ann, taskIds: submitted.map(({ task_id: taskId }) => taskId) };
  }

  it(
    'is left for another, which makes the video',
    async () => {
      const { installation, ann, taskIds } = twoNodes;
      const states = await waitUntilOver(ann, taskIds, TIMEOUT_MS);
      expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
      const shared = await new DataSource(sharedDataSourceOptions(installation.server.settings)).initialize();
      const refused = await shared
        .query<{ task: string; node: string }[]>(
          `SELECT task_id AS task, node_id AS node FROM node_task_assignments WHERE error_code = 'INPUT_REFUSED'`,
        )
        .finally(() => shared.destroy());
      expect(new Set(refused.map(({ node }) => node))).toEqual(new Set(['sim-1']));
      // No task came back to the node that had refused it.
      expect(new Set(refused.map(({ task }) => task)).size).toBe(refused.length);
      expect(installation.simulators[0]!.log).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'I18 fails the task where there is no other, says so, and costs nothing',
    async () => {
      const { ann, taskIds } = oneAttempt;
      const [state] = await waitUntilOver(ann, taskIds, TIMEOUT_MS);
      expect(state).toMatchObject({ status: 'failed', error_code: 'INPUT_REFUSED' });
      expect(state!.error_message).toMatch(/^The uploaded picture could not be brought to the node: /);
      const { quota } = await ann.json<{ quota: { quota_used: number } }>('GET', '/api/auth/profile');
      expect(quota.quota_used).toBe(0);
    },
    TIMEOUT_MS,
  );
});
