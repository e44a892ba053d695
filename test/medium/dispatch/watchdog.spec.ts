import type { OpenAssignment } from '../../../src/shared/index.js';
import { DrivenNode } from '../../support/driven-node.js';
import { waitFor } from '../../support/wait-for.js';

const LIMITS = { firstRunLimitSeconds: 60, silentSeconds: 0.4, stuckGraceMs: 300, retryBaseMs: 1 };
/** A silence that ends a first run is a quarter of its limit. */
const SILENT = { nodes: { pollMs: 40, healthMs: 200 }, dispatch: { ...LIMITS, firstRunLimitSeconds: 1.6 } };
const NOT_RELEASED = { nodes: { pollMs: 40, healthMs: 200 }, dispatch: LIMITS };

describe('what does not come to an end (real: MariaDB; a simulated node; the fleet is the test)', () => {
  let driven: DrivenNode;

  beforeAll(async () => {
    driven = await DrivenNode.start();
  });

  afterEach(() => driven.reset());

  afterAll(() => driven.stop());

  const waitForNode = (status: string) =>
    waitFor(async () => (await driven.nodeView()).status === status, { what: `a node that is ${status}` });

  async function expectRecalled(row: OpenAssignment): Promise<void> {
    await driven.waitForStatus(row, 'queued');
    expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 0, node_deaths: 0 });
    expect(await driven.endOf(row)).toMatchObject({ status: 'failed', error_code: 'RECALLED' });
  }

  describe('a prompt whose worker hangs', () => {
    let row: OpenAssignment;

    beforeEach(async () => {
      driven.simulator.faults.arm('hang');
      row = await driven.assign();
    });

    it('is interrupted and counts as the death of its node, which gets no work until it is restarted', async () => {
      const { session, node } = await driven.takeOver({ overrides: SILENT });
      await driven.waitForStatus(row, 'queued');
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1, node_deaths: 1 });
      expect(await driven.endOf(row)).toMatchObject({ error_code: 'NODE_STUCK' });
      expect(node.count('interrupt')).toBeGreaterThan(0);
      await waitForNode('error');
      expect((await driven.nodeView()).lastError).toContain(`stuck on prompt ${row.assignmentId}`);
      const next = await driven.assign();
      session.update(await driven.listOpen());
      await expectRecalled(next);
      expect(driven.eventsOf(next.assignmentId)).toEqual([]);
      await driven.simulator.restart();
      await waitForNode('online');
      const last = await driven.assign();
      session.update(await driven.listOpen());
      await driven.waitForStatus(last, 'completed');
    });

    it('is found although the event stream is opened anew before silence counts', async () => {
      await driven.takeOver({ overrides: { ...SILENT, nodes: { ...SILENT.nodes, deafAfterMs: 100 } } });
      await driven.waitForStatus(row, 'queued');
      const { error_code: code, error_message: message } = await driven.endOf(row);
      expect(code).toBe('NODE_STUCK');
      expect(message).toContain('it said nothing');
    });

    it('I17 gives back what waits behind it, unspent', async () => {
      const behind = await driven.assign(0, 1);
      await driven.takeOver({ overrides: SILENT });
      await waitFor(() => driven.eventsOf(behind.assignmentId).includes('accepted'), { what: 'a second prompt there' });
      await expectRecalled(behind);
      expect(driven.eventsOf(behind.assignmentId)).toEqual(['accepted', 'deleted']);
      await driven.waitForStatus(row, 'queued');
      expect(await driven.taskOf(row)).toMatchObject({ node_deaths: 1 });
    });

    it('I13 shows a new owner that the node is stuck, which takes back what it posted behind', async () => {
      await driven.post('hangs', driven.markOf('hangs'));
      await driven.waitForStart('hangs');
      await driven.takeOver({ overrides: NOT_RELEASED });
      await expectRecalled(row);
      expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'deleted']);
      expect((await driven.nodeView()).lastError).toContain('stuck on prompt hangs');
    });
  });

  describe('a node that goes away under a running prompt', () => {
    async function loseNode(loss: () => unknown): Promise<OpenAssignment> {
      const row = await driven.assign(2);
      const { session } = await driven.takeOver({ overrides: NOT_RELEASED });
      await waitFor(async () => (await driven.listOpen())[0]?.startedAt, { what: 'a prompt that runs' });
      session.update(await driven.listOpen());
      await loss();
      await driven.waitForStatus(row, 'queued');
      expect(await driven.endOf(row)).toMatchObject({ error_code: 'NODE_LOST' });
      return row;
    }

    it('I17 has died where it comes back without it', async () => {
      const row = await loseNode(() => driven.simulator.restart());
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1, node_deaths: 1 });
    });

    it('I17 has not died where only we do not reach it', async () => {
      const row = await loseNode(() => driven.simulator.faults.arm('refuse', { times: 1_000_000 }));
      expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1, node_deaths: 0 });
    });
  });

  it('I17 gives back what was never sent to a node that will not be rid of a stray', async () => {
    await driven.post('stays', driven.markOf('stays'), 60);
    await driven.waitForStart('stays');
    driven.simulator.faults.arm('refuse', { path: '/interrupt', times: 1_000_000 });
    const row = await driven.assign();
    await driven.takeOver({ overrides: NOT_RELEASED });
    await expectRecalled(row);
    expect(await driven.nodeView()).toMatchObject({ status: 'error' });
    driven.simulator.faults.clear();
    await waitForNode('online');
  });

  it('lets a prompt run that tells its progress, for longer than silence is allowed', async () => {
    const overrides = { ...SILENT, dispatch: { ...LIMITS, firstRunLimitSeconds: 4 } };
    const row = await driven.assign(2);
    const { node } = await driven.takeOver({ overrides });
    await driven.waitForStatus(row, 'completed');
    expect(node.count('interrupt')).toBe(0);
  });

  it('s09b opens the event stream anew where it is open and deaf, before silence is held against a prompt', async () => {
    driven.simulator.faults.arm('deafen');
    const overrides = {
      nodes: { ...SILENT.nodes, deafAfterMs: 150 },
      dispatch: { ...LIMITS, firstRunLimitSeconds: 4 },
    };
    const row = await driven.assign(2);
    const { node } = await driven.takeOver({ overrides });
    await driven.waitForStatus(row, 'completed');
    expect(node.count('interrupt')).toBe(0);
    expect(await driven.nodeView()).toMatchObject({ status: 'online' });
    const [task] = await driven.database.rows<{ attempt_count: number }>('SELECT attempt_count FROM global_tasks');
    expect(task!.attempt_count).toBe(1);
  });

  it('stops a prompt that runs too long, and gives it one more try', async () => {
    const overrides = { ...NOT_RELEASED, dispatch: { ...LIMITS, firstRunLimitSeconds: 0.5 } };
    const row = await driven.assign(2);
    await driven.takeOver({ overrides });
    await driven.waitForStatus(row, 'queued');
    expect(await driven.endOf(row)).toMatchObject({ error_code: 'TIME_LIMIT' });
    expect(await driven.taskOf(row)).toMatchObject({ attempt_count: 1, node_deaths: 0 });
    expect(driven.eventsOf(row.assignmentId)).toEqual(['accepted', 'started', 'finished: interrupted']);
  });
});
