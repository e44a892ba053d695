import { Installation, waitUntilOver } from '../support/installation.js';

interface Task {
  started_at: string;
  completed_at: string;
}

describe('the limit on running tasks (real: the whole application, simulated nodes)', () => {
  let installation: Installation;

  beforeAll(async () => {
    const nodes = [1, 2, 3].map(() => ({ stepMs: 10 }));
    installation = await Installation.start(nodes, { limits: { runningPerUser: 1 } });
  });

  afterAll(() => installation.stop());

  it('runs one task of a user after the other while nodes are idle, and other users beside', async () => {
    const [ann, bob] = [await installation.signIn('ann'), await installation.signIn('bob')];
    const anns = await Promise.all([1, 2, 3].map((seed) => ann.submit({ prompt: 'x', seed })));
    const bobs = [await bob.submit({ prompt: 'x', seed: 9 })];
    const ends = [...(await waitUntilOver(ann, anns)), ...(await waitUntilOver(bob, bobs))];
    expect(ends.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    const tasks = await Promise.all(anns.map((taskId) => ann.json<Task>('GET', `/api/v2/tasks/${taskId}`)));
    tasks.sort((a, b) => a.started_at.localeCompare(b.started_at));
    for (const [index, task] of tasks.entries()) {
      const before = tasks[index - 1];
      if (before) expect(Date.parse(task.started_at)).toBeGreaterThanOrEqual(Date.parse(before.completed_at));
    }
    const other = await bob.json<Task>('GET', `/api/v2/tasks/${bobs[0]}`);
    expect(Date.parse(other.started_at)).toBeLessThan(Date.parse(tasks.at(-1)!.started_at));
  });

  it('counts anew as soon as an admin changes it', async () => {
    const [ann, admin] = [await installation.signIn('ann'), await installation.signInAsAdmin()];
    await admin.json('PUT', '/api/admin/config/limits.running_per_user', { value: 3 });
    const taskIds = await Promise.all([4, 5, 6].map((seed) => ann.submit({ prompt: 'x', seed })));
    await waitUntilOver(ann, taskIds);
    const tasks = await Promise.all(taskIds.map((taskId) => ann.json<Task>('GET', `/api/v2/tasks/${taskId}`)));
    const firstEnd = Math.min(...tasks.map((task) => Date.parse(task.completed_at)));
    expect(Math.max(...tasks.map((task) => Date.parse(task.started_at)))).toBeLessThan(firstEnd);
    await admin.json('PUT', '/api/admin/config/limits.queued_per_user', { value: 1 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, seed) =>
        ann.send('POST', '/api/v2/tasks/text-to-image', { prompt: 'x', seed: 100 + seed }),
      ),
    );
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});
