import { jest } from '@jest/globals';
import type { OpenAssignment } from '../../../src/shared/index.js';
import { DrivenNode, SESSION_TIMES } from '../../support/driven-node.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';
import type { WatchedConnector } from '../../support/watched-connector.js';

describe('prompts on a node that its session did not send (real: MariaDB; a simulated node; the fleet is the test)', () => {
  let driven: DrivenNode;

  beforeAll(async () => {
    driven = await DrivenNode.start();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await driven.reset();
  });

  afterAll(() => driven.stop());

  const waitUntilOver = (promptId: string) =>
    waitFor(() => driven.eventsOf(promptId).some((event) => /finished|deleted/.test(event)), {
      what: `the end of ${promptId}`,
    });

  it('I13 takes strays off the node before anything new is posted', async () => {
    await driven.post('runs', driven.markOf('runs'), 60);
    await driven.post('waits', driven.markOf('waits'));
    await driven.waitForStart('runs');
    // Time enough for a prompt that does not wait for the look.
    driven.simulator.faults.arm('slow', { path: '/queue', delayMs: 300 });
    const row = await driven.assign();
    const { node } = await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    expect(driven.eventsOf('runs')).toEqual(['accepted', 'started', 'finished: interrupted']);
    expect(driven.eventsOf('waits')).toEqual(['accepted', 'deleted']);
    const changes = node.calls.filter((call) => ['deletePending', 'interrupt', 'submit'].includes(call));
    // A look of the socket's own may interrupt once more what is still ending.
    expect([...new Set(changes)]).toEqual(['deletePending', 'interrupt', 'submit']);
    expect(changes.at(-1)).toBe('submit');
  });

  it('I13 posts nothing where it could not find out what is a stray', async () => {
    await driven.post('stays', driven.markOf('stays'), 60);
    const row = await driven.assign();
    const broken = new Error('the database is away');
    jest.spyOn(driven.assignments, 'listClosed').mockRejectedValueOnce(broken);
    const { node } = await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    expect(node.calls.indexOf('interrupt')).toBeGreaterThan(0);
    expect(node.calls.indexOf('interrupt')).toBeLessThan(node.calls.indexOf('submit'));
  });

  it('I13 leaves alone what bears the mark of another installation, or none', async () => {
    await driven.post('theirs-runs', driven.markOf('theirs-runs', 'another'), 1);
    await driven.post('theirs-waits', driven.markOf('theirs-waits', 'another'));
    await driven.post('unmarked', undefined);
    await driven.waitForStart('theirs-runs');
    const row = await driven.assign();
    await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    for (const promptId of ['theirs-runs', 'theirs-waits', 'unmarked'])
      expect(driven.eventsOf(promptId)).toEqual(['accepted', 'started', 'finished: success']);
  });

  it('I13 leaves trials alone for their time, and takes them off the node after it', async () => {
    const now = Date.now();
    const trial = (assignment: string, trialUntilMs: number) => ({ ...driven.markOf(assignment), trialUntilMs });
    await driven.post('left', trial('left', now - 1), 60);
    await driven.post('tried', trial('tried', now + 600_000), 1);
    await driven.waitForStart('left');
    const row = await driven.assign();
    await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    expect(driven.eventsOf('left')).toEqual(['accepted', 'started', 'finished: interrupted']);
    expect(driven.eventsOf('tried')).toEqual(['accepted', 'started', 'finished: success']);
  });

  it('I13 posts one prompt behind the work of others, and keeps the next until there is room', async () => {
    await driven.post('foreign', undefined, 3);
    await driven.waitForStart('foreign');
    const [row, next] = [await driven.assign(), await driven.assign(0, 1)];
    const { node } = await driven.takeOver();
    await waitFor(() => driven.eventsOf(row.assignmentId).includes('accepted'), { what: 'one prompt of ours' });
    await waitFor(() => node.count('queue') > 5, { what: 'more looks' });
    expect(driven.eventsOf(next.assignmentId)).toEqual([]);
    await driven.waitForStatus(next, 'completed');
    const course = driven.simulator.log.filter(({ prompt_id: id }) =>
      [row.assignmentId, next.assignmentId].includes(id),
    );
    expect(course.findIndex(({ prompt_id: id }) => id === next.assignmentId)).toBeGreaterThan(0);
    expect(driven.eventsOf('foreign')).toEqual(['accepted', 'started', 'finished: success']);
  });

  it('I13 leaves alone what belongs to an open attempt', async () => {
    const row = await driven.assign();
    const clock = new TestClock();
    await driven.database.run('UPDATE node_task_assignments SET post_started_at = ?', [clock.now()]);
    await driven.post(row.assignmentId, driven.markOf(row.assignmentId), 1);
    await driven.waitForStart(row.assignmentId);
    await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'started', 'finished: success']);
  });

  it('I13 looks for strays again when its socket has come back', async () => {
    const { node } = await driven.takeOver();
    await waitFor(() => node.socket?.isConnected && node.calls.includes('queue'), { what: 'the first look' });
    driven.simulator.faults.arm('drop_socket');
    await driven.post('late', driven.markOf('late'), 60);
    await waitUntilOver('late');
    expect(driven.simulator.faults.list()).toEqual([]);
    expect(driven.eventsOf('late')).toEqual(['accepted', 'started', 'finished: interrupted']);
  });

  it('I13 finds a late POST of a former owner on a node that has nothing to do', async () => {
    const clock = new TestClock();
    const { node } = await driven.takeOver({ clock });
    await waitFor(() => node.socket?.isConnected && node.calls.includes('queue'), { what: 'the first look' });
    await driven.post('later', driven.markOf('later'), 60);
    await driven.waitForStart('later');
    clock.advance(SESSION_TIMES.healthMs);
    await waitUntilOver('later');
    expect(driven.eventsOf('later')).toEqual(['accepted', 'started', 'finished: interrupted']);
  });

  describe('where a request is refused again and again', () => {
    const refuse = (path: string) => driven.simulator.faults.arm('refuse', { path, times: 1_000_000 });

    /** An attempt of a former owner, whose prompt waits behind another one on the node. */
    async function postAdopted(): Promise<OpenAssignment> {
      const row = await driven.assign();
      await driven.database.run('UPDATE node_task_assignments SET post_started_at = ?', [new Date()]);
      await driven.post(row.assignmentId, driven.markOf(row.assignmentId));
      return row;
    }

    /** Beyond the time after which a node counts as lost: nothing is asked more often than fast polls come. */
    async function watchRequests({ calls }: WatchedConnector): Promise<void> {
      const [from, known] = [performance.now(), calls.length];
      const passedMs = () => performance.now() - from;
      await waitFor(() => passedMs() > 2 * SESSION_TIMES.lostAfterMs, { what: 'many looks' });
      const [since, most] = [calls.slice(known), (1.1 * passedMs()) / SESSION_TIMES.fastPollMs];
      const tooOften = since.filter((name) => since.filter((other) => other === name).length > most);
      expect([...new Set(tooOften)]).toEqual([]);
    }

    it('I13 follows what is healthy, posts nothing new, and removes the stray once it can', async () => {
      await driven.post('stray', driven.markOf('stray'), 5);
      await driven.waitForStart('stray');
      const row = await postAdopted();
      refuse('/interrupt');
      const { node, session } = await driven.takeOver();
      await waitFor(() => node.count('interrupt') > 0, { what: 'the first removal' });
      const fresh = await driven.assign(0, 1);
      session.update(await driven.listOpen());
      await watchRequests(node);
      expect(await driven.taskOf(row)).toMatchObject({ status: 'processing', attempt_count: 1 });
      expect(node.count('systemStats')).toBe(1);
      expect(node.count('submit')).toBe(0);
      driven.simulator.faults.clear();
      await driven.waitForStatus(row, 'completed');
      await driven.waitForStatus(fresh, 'completed');
      expect(driven.eventsOf('stray')).toEqual(['accepted', 'started', 'finished: interrupted']);
      expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'started', 'finished: success']);
    });

    it('gives up a node that tells its health but not its queue, and asks it no faster than by fast polls', async () => {
      await driven.post('before', undefined, 5);
      const row = await postAdopted();
      const { node } = await driven.takeOver();
      await waitFor(async () => (await driven.listOpen())[0]?.acceptedAt, { what: 'the first look' });
      refuse('/queue');
      await watchRequests(node);
      await driven.waitForStatus(row, 'queued');
      expect(node.count('systemStats')).toBe(1);
    });
  });
});
