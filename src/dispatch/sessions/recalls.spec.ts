import type { NodeView } from '../../admin/index.js';
import { Clock } from '../../common/index.js';
import type { OpenAssignment } from '../../shared/index.js';
import type { CapableNodes } from './capable-nodes.js';
import { Recalls } from './recalls.js';

const OWN = new Set(['a', 'b']);

const makeNode = (nodeId: string, given: Partial<NodeView> = {}) =>
  ({ nodeId, status: 'online', isCordoned: false, breaker: { isOpen: false }, ...given }) as NodeView;

const makeRow = (assignmentId: string, given: Partial<OpenAssignment> = {}) =>
  ({
    assignmentId,
    taskId: `task of ${assignmentId}`,
    nodeId: 'a',
    slot: 1,
    startedAt: null,
    assignedAt: new Date(),
    cancelWished: false,
    requeueWished: false,
    ...given,
  }) as OpenAssignment;

const running = makeRow('running', { slot: 0, startedAt: new Date() });

describe('Recalls', () => {
  let incapable: string[];
  let recalls: Recalls;

  beforeEach(() => {
    incapable = [];
    const capable = {
      listFor: (_: string, nodes: NodeView[]) =>
        Promise.resolve(nodes.filter(({ nodeId }) => !incapable.includes(nodeId))),
    } as CapableNodes;
    recalls = new Recalls(capable, new Clock());
  });

  async function findTwice(open: OpenAssignment[], nodes: NodeView[]) {
    const first = await recalls.find(open, nodes, OWN);
    return [[...first], [...(await recalls.find(open, nodes, OWN))]];
  }

  it('I17 recalls what waits in a second slot once a capable node stays idle, one for each idle node', async () => {
    const open = [running, makeRow('waits'), makeRow('waits too', { nodeId: 'b' })];
    const nodes = [makeNode('a'), makeNode('b'), makeNode('idle')];
    expect(await findTwice(open, nodes)).toEqual([[], [['waits', 'idle is idle']]]);
  });

  it.each([
    ['cannot run it', makeNode('idle'), ['idle']],
    ['is offline', makeNode('idle', { status: 'offline' }), []],
    ['takes no new work', makeNode('idle', { isCordoned: true }), []],
  ])('I17 leaves it where it is while the idle node %s', async (_, idle, cannot) => {
    incapable = cannot;
    expect(await findTwice([running, makeRow('waits')], [makeNode('a'), idle])).toEqual([[], []]);
  });

  it('I17 does not recall a task twice for a node that does not get it', async () => {
    const open = [running, makeRow('waits')];
    const nodes = [makeNode('a'), makeNode('idle')];
    await findTwice(open, nodes);
    expect(await findTwice(open, nodes)).toEqual([[], []]);
  });

  it('I17 recalls what waits on a node that takes no new work, and nothing that runs or was cancelled', async () => {
    const open = [running, makeRow('waits'), makeRow('cancelled', { cancelWished: true })];
    const [found] = await findTwice(open, [makeNode('a', { isCordoned: true })]);
    expect(found).toEqual([['waits', 'its node takes no new work']]);
  });

  it('recalls a first prompt only when it has stood behind the work of others for a while', async () => {
    const long = makeRow('held up', { slot: 0, assignedAt: new Date(Date.now() - 11_000) });
    const open = [makeRow('new', { slot: 0, nodeId: 'b' }), long];
    const [, found] = await findTwice(open, [makeNode('a'), makeNode('b'), makeNode('idle')]);
    expect(found).toEqual([['held up', 'idle is idle']]);
  });

  it('leaves alone what another process drives', async () => {
    const open = [makeRow('waits', { nodeId: 'c' })];
    expect(await findTwice(open, [makeNode('c', { isCordoned: true })])).toEqual([[], []]);
  });
});
