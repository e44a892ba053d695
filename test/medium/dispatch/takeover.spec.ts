import { jest } from '@jest/globals';
import { HistoryJanitor } from '../../../src/dispatch/sessions/history-janitor.js';
import type { OpenAssignment } from '../../../src/shared/index.js';
import { DrivenNode, SESSION_TIMES, type DrivenSession } from '../../support/driven-node.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

/** The time-out of a POST and a margin. */
const LOST_AFTER_MS = SESSION_TIMES.postTimeoutMs + 2_000;
/** The clock moves on while the session looks. */
const SLACK_MS = 1_000;

describe('taking a node over (real: MariaDB, storage; a simulated node; the fleet is the test)', () => {
  let driven: DrivenNode;

  beforeAll(async () => {
    driven = await DrivenNode.start();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await driven.reset();
  });

  afterAll(() => driven.stop());

  describe('that takes a node over', () => {
    async function takeOverWhileRunning(row: OpenAssignment): Promise<[DrivenSession, DrivenSession]> {
      const former = await driven.takeOver();
      await driven.waitForStart(row.assignmentId);
      await waitFor(async () => (await driven.listOpen())[0]?.acceptedAt, { what: 'the answer to the POST' });
      return [former, await driven.takeOver()];
    }

    it('I14 has a client id of its own, and finishes what sends its events to the former owner', async () => {
      const row = await driven.assign(2);
      const former = await driven.takeOver();
      await driven.waitForStart(row.assignmentId);
      await former.session.stop();
      const next = await driven.takeOver();
      await driven.waitForStatus(row, 'completed');
      const own = (token: number) => `${driven.installationId}-sim-${token}`;
      expect([former.node.clientId, next.node.clientId]).toEqual([own(former.token), own(next.token)]);
      expect(next.token).toBeGreaterThan(former.token);
      const seen = driven.simulator.log.filter(({ prompt_id: id }) => id === row.assignmentId);
      expect(new Set(seen.map(({ extra_data: data }) => data.client_id))).toEqual(new Set([own(former.token)]));
    });

    it('I15 has the history entry deleted by the one who settled, and by nobody else', async () => {
      const add = jest.spyOn(HistoryJanitor.prototype, 'add').mockReturnValue(undefined);
      const row = await driven.assign(2);
      const [former, next] = await takeOverWhileRunning(row);
      await driven.waitForStatus(row, 'completed');
      await waitFor(() => former.node.count('history') > 0, { what: 'the former owner to see the end' });
      await former.session.stop();
      former.session.update([]);
      expect(add).not.toHaveBeenCalled();
      await waitFor(() => {
        next.session.update([]);
        return add.mock.calls.length > 0;
      });
      expect(add.mock.calls).toEqual([[row.assignmentId]]);
    });

    it('I12 posts the same id and spends no attempt where the mark was never set', async () => {
      const row = await driven.assign();
      await driven.takeOver();
      await driven.waitForStatus(row, 'completed');
      expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'started', 'finished: success']);
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1 });
    });

    it('I12 gives the attempt back unspent where the node went away before the mark', async () => {
      const row = await driven.assign();
      await driven.simulator.kill();
      await driven.takeOver();
      await driven.waitForStatus(row, 'queued');
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 0 });
    });
  });

  describe('that finds the mark of a POST', () => {
    let clock: TestClock;
    let row: OpenAssignment;

    beforeEach(async () => {
      clock = new TestClock();
      row = await driven.assign();
      await driven.database.run('UPDATE node_task_assignments SET post_started_at = ?', [clock.now()]);
    });

    /** The session has looked twice more: a first look that had ended the attempt would have been the last. */
    async function lookTwice(name: 'history' | 'queue', { node }: DrivenSession): Promise<void> {
      const before = node.count(name);
      const look = () => {
        if (node.count(name) > before + 1) return true;
        clock.advance(SESSION_TIMES.fastPollMs);
        return false;
      };
      await waitFor(look, { what: 'two more looks', everyMs: 100 });
    }

    it.each([
      ['is on none of its lists', 'history'],
      ['is on a node that does not answer', 'queue'],
    ] as const)('I12 counts a prompt that %s as lost only after the time-out and a margin', async (_, look) => {
      if (look === 'queue') await driven.simulator.kill();
      const session = await driven.takeOver({ clock });
      await lookTwice(look, session);
      clock.advance(LOST_AFTER_MS - SLACK_MS - clock.monotonicMs());
      await lookTwice(look, session);
      expect(clock.monotonicMs()).toBeLessThan(LOST_AFTER_MS);
      expect(await driven.taskOf(row)).toMatchObject({ status: 'processing' });
      clock.advance(SLACK_MS);
      await waitFor(async () => {
        clock.advance(SLACK_MS);
        return (await driven.taskOf(row)).status === 'queued';
      });
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1 });
      expect(session.node.count('submit')).toBe(0);
    });
  });

  it('I15 gives every saver a prefix that holds the id of the attempt', async () => {
    const row = await driven.assign();
    await driven.takeOver();
    await driven.waitForStatus(row, 'completed');
    const graph = await driven.graphOf(row.assignmentId);
    const prefixes = Object.values(graph).flatMap(({ inputs }) => inputs.filename_prefix ?? []);
    const of = (saver: string) => `cws/${row.assignmentId}/${saver}`;
    expect(prefixes).toEqual([of('save'), of('saveToo')]);
  });

  it('I4 ends a cancelled task whose node cannot be reached, once it counts as lost', async () => {
    const row = await driven.assign(2);
    await driven.takeOver();
    await waitFor(async () => (await driven.listOpen())[0]?.acceptedAt, { what: 'the answer to the POST' });
    await driven.database.run('UPDATE global_tasks SET cancel_run = 1');
    await driven.simulator.kill();
    await driven.waitForStatus(row, 'cancelled');
  });
});
