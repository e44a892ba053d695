import type { INestApplicationContext } from '@nestjs/common';
import { NodesService } from '../../../src/admin/index.js';
import { Clock } from '../../../src/common/index.js';
import { SETTINGS, type Settings } from '../../../src/config/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { TaskExplanations } from '../../../src/dispatch/index.js';
import { Needs } from '../../../src/dispatch/scheduling/needs.js';
import { Scheduler } from '../../../src/dispatch/scheduling/scheduler.js';
import {
  QueuePlacesRepository,
  QueueRepository,
  TaskWishesService,
  WorkflowVersionsService,
  type TaskWish,
} from '../../../src/shared/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const GRAPH = {
  load: { class_type: 'Load', inputs: { name: 'a.safetensors' } },
  save: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } },
};
const CAPABILITIES = { classes: ['Load', 'SaveImage'], models: { 'Load.name': ['a.safetensors'] } };
const CHECKPOINT = {
  ...{ name: 'checkpoint', nodeId: 'load', inputName: 'name', type: 'string' as const },
  ...{ description: '', isOpenToClients: true },
};

describe('scheduling (real: MariaDB, the scheduler; nodes are rows)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let nodes: NodesService;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
    nodes = app.get(NodesService);
    for (const [workflowName, maxConcurrentTasks] of [['free', 0] as const, ['narrow', 1] as const]) {
      const published = makePublishedWorkflow({ workflowName });
      const definition = { ...published.definition, graph: GRAPH, parameters: [CHECKPOINT], maxConcurrentTasks };
      await app.get(WorkflowVersionsService).applyPublished([{ ...published, definition }]);
    }
    for (const nodeId of ['a', 'b']) {
      await nodes.add({ nodeId, name: `painter ${nodeId}`, url: `http://gpu-${nodeId}:8188`, maxConcurrent: 1 });
      await nodes.recordHealth(nodeId, { status: 'online', capabilities: CAPABILITIES });
    }
  });

  beforeEach(async () => {
    await database.run('DELETE FROM global_tasks');
    for (const nodeId of ['a', 'b']) await nodes.uncordon(nodeId);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const makeWish = ({ workflowName = 'free', modelName = null, ...given }: Partial<TaskWish> = {}) =>
    makeTaskWish({ workflowName, modelName, requirementKey: `${workflowName}@1#${modelName}`, ...given });

  /** So many, each a millisecond younger than the one before; all have waited for a minute. */
  async function queueTasks(count: number, given: Partial<TaskWish> = {}) {
    const wishes = Array.from({ length: count }, (_, index) =>
      makeWish({ sourceUserId: 'ann', createdAt: new Date(Date.now() - 60_000 + index).toISOString(), ...given }),
    );
    await app.get(TaskWishesService).apply(wishes);
    return wishes.map(({ taskId }) => taskId);
  }

  const schedule = (services = app) => services.get(Scheduler).schedule(new AbortController().signal);
  /** Each time anew, without what the service keeps for a second. */
  const explain = (taskId: string) =>
    new TaskExplanations(
      app.get(QueueRepository),
      app.get(QueuePlacesRepository),
      nodes,
      app.get(Needs),
      app.get(Clock),
      app.get<Settings>(SETTINGS),
    ).explain(taskId);
  const placed = async () => {
    const rows = await database.rows<{ task_id: string; node_id: string }>(
      `SELECT task_id, node_id FROM global_tasks WHERE status = 'processing' ORDER BY node_id`,
    );
    return rows.map((row) => [row.task_id, row.node_id]);
  };

  it.each([
    ['cordoned', () => nodes.cordon('a')],
    ['draining', () => nodes.drain('a', new Date(Date.now() + 60_000))],
  ])('gives nothing to a node that is %s, until it is not any more', async (word, close) => {
    await close();
    const [first, second] = await queueTasks(2);
    await schedule();
    expect(await placed()).toEqual([[first, 'b']]);
    await nodes.drain('b', new Date(Date.now() + 60_000));
    const ways = word === 'draining' ? 'draining' : 'cordoned or draining';
    expect(await explain(second!)).toEqual({ position: 1, reason: `Every node that could run it is ${ways}.` });
    await nodes.uncordon('a');
    await schedule();
    expect(await placed()).toEqual([
      [second, 'a'],
      [first, 'b'],
    ]);
  });

  it('runs no more of a workflow at once than its template says', async () => {
    const [first, second] = await queueTasks(2, { workflowName: 'narrow' });
    const [other] = await queueTasks(1, { sourceUserId: 'bob' });
    await schedule();
    expect((await placed()).map(([taskId]) => taskId).sort()).toEqual([first, other].sort());
    expect(await explain(second!)).toEqual({
      position: 1,
      reason: 'As many tasks of its workflow are running as may run at once (1).',
    });
  });

  it('says where a task runs and why, by names alone, and nothing of one that is over', async () => {
    const [taskId] = await queueTasks(1);
    await schedule();
    expect(await explain(taskId!)).toEqual({
      position: 0,
      reason: expect.stringMatching(/^It was given to painter a: [a-z ]+; 2 idle nodes could take it, load 0\.00\.$/),
    });
    await database.run(`UPDATE global_tasks SET status = 'completed' WHERE task_id = ?`, [taskId]);
    expect(await explain(taskId!)).toBeUndefined();
    expect(await explain('nobody')).toBeUndefined();
  });

  it('names what a task lacks on the node that lacks least, and waits for another node', async () => {
    const [taskId] = await queueTasks(1, { modelName: 'other.safetensors' });
    await schedule();
    const reason = 'No node can run it: painter a lacks the model other.safetensors; the others lack no less.';
    expect(await explain(taskId!)).toEqual({ position: 1, reason });
  });

  it('fails what no registered node could ever run where the settings say so, by the name of what is missing', async () => {
    const strict = await startServices(server, { dispatch: { impossibleTasks: 'fail' } });
    try {
      const leases = app.get(LeaseKeeper);
      await leases.release((await leases.tryAcquire('scheduler'))!);
      const [taskId] = await queueTasks(1, { modelName: 'other.safetensors' });
      await schedule(strict);
      const [row] = await database.rows(
        'SELECT status, error_code, error_message FROM global_tasks WHERE task_id = ?',
        [taskId],
      );
      expect(row).toEqual({
        status: 'failed',
        error_code: 'NO_CAPABLE_NODE',
        error_message: 'No node can run it: painter a lacks the model other.safetensors; the others lack no less.',
      });
      await strict.get(LeaseKeeper).release((await strict.get(LeaseKeeper).tryAcquire('scheduler'))!);
    } finally {
      await strict.close();
    }
  });

  it("I22 hides nobody behind a user's thousand tasks and a thousand different ones that no node can run", async () => {
    const models = Array.from({ length: 1_000 }, (_, index) => `missing-${index}.safetensors`);
    await app.get(TaskWishesService).apply(models.map((modelName) => makeWish({ modelName, sourceUserId: 'ann' })));
    await queueTasks(1_000);
    const [late] = await queueTasks(1, { sourceUserId: 'bob', modelName: 'a.safetensors' });
    await schedule();
    await schedule();
    const started = await placed();
    expect(started).toHaveLength(2);
    expect(started.map(([taskId]) => taskId)).toContain(late);
  });

  it('I22 sees who comes new to the front, however far behind it the last round ended', async () => {
    await nodes.cordon('b');
    const users = Array.from({ length: 1_100 }, (_, index) => `user-${index}`);
    await app.get(TaskWishesService).apply(users.map((sourceUserId) => makeWish({ sourceUserId })));
    await database.run(`UPDATE global_tasks SET excluded_nodes = '["a"]'`);
    await schedule();
    const [urgent] = await queueTasks(1, { priority: 9 });
    await schedule();
    expect(await placed()).toEqual([[urgent, 'a']]);
  });

  it('tells the place in line, users taking turns', async () => {
    for (const nodeId of ['a', 'b']) await nodes.cordon(nodeId);
    const anns = await queueTasks(4);
    const bobs = await queueTasks(1, { sourceUserId: 'bob' });
    const places = await Promise.all([...anns, ...bobs].map(async (taskId) => (await explain(taskId))?.position));
    expect(places).toEqual([1, 3, 4, 5, 2]);
  });
});
