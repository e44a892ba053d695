import type { OpenAssignment } from '../../../src/shared/index.js';
import { DrivenNode, type DrivenSession } from '../../support/driven-node.js';
import { waitFor } from '../../support/wait-for.js';

describe('the second slot of a node (real: MariaDB; a simulated node; the fleet is the test)', () => {
  let driven: DrivenNode;
  let first: OpenAssignment;
  let second: OpenAssignment;
  let driving: DrivenSession;

  beforeAll(async () => {
    driven = await DrivenNode.start();
  });

  beforeEach(async () => {
    // Long enough for all that is to happen beside the first.
    driven.simulator.options.timeScale = 4;
    first = await driven.assign(2);
    second = await driven.assign(0, 1);
    driving = await driven.takeOver();
    await driven.waitForStart(first.assignmentId);
    await waitFor(() => driven.eventsOf(second.assignmentId).includes('accepted'), { what: 'two prompts there' });
  });

  afterEach(() => driven.reset());

  afterAll(() => driven.stop());

  const recall = async ({ assignmentId }: OpenAssignment) =>
    driving.session.update(await driven.listOpen(), new Map([[assignmentId, 'another node is idle']]));

  const waitForCompleted = (row: OpenAssignment) =>
    waitFor(async () => (await driven.taskOf(row)).status === 'completed', { timeoutMs: 30_000, what: 'its end' });

  it('I17 has its prompt on the node before the first is done, so that the GPU goes from one to the next', async () => {
    await waitForCompleted(second);
    const ids = new Map([
      [first.assignmentId, 'first'],
      [second.assignmentId, 'second'],
    ]);
    const course = driven.simulator.log.map(({ event, prompt_id: id }) => `${ids.get(id)} ${event}`).slice(-6);
    expect(course).toEqual([
      ...['first accepted', 'first started', 'second accepted', 'first finished'],
      ...['second started', 'second finished'],
    ]);
  });

  it('I17 gives back what waits in it without spending an attempt, once it is certainly gone', async () => {
    await recall(second);
    await driven.waitForStatus(second, 'queued');
    expect(driven.eventsOf(second.assignmentId)).toEqual(['accepted', 'deleted']);
    expect(await driven.endOf(second)).toMatchObject({ error_code: 'RECALLED' });
    expect(await driven.taskOf(second)).toMatchObject({ attempt_count: 0, node_deaths: 0 });
    const { calls } = driving.node;
    expect(calls.slice(calls.indexOf('deletePending'))).toEqual(expect.arrayContaining(['queue', 'history']));
    expect(driven.eventsOf(first.assignmentId)).toEqual(['accepted', 'started']);
  });

  it('I17 keeps what has started meanwhile', async () => {
    await recall(first);
    await waitForCompleted(first);
    expect(driven.eventsOf(first.assignmentId)).toEqual(['accepted', 'started', 'finished: success']);
    expect(driving.node.count('deletePending')).toBe(0);
  });
});
