import { makeCandidate, makeNode, makeNodes, makeSituation } from '../../../test/factories/situation.factory.js';
import { planAssignments } from './plan-assignments.js';
import type { NodeState, PlanPolicy } from './situation.js';

const MODEL = { classes: [], models: { 'Load.name': 'a.safetensors' } };

function chooseFor(nodes: NodeState[], policy: Partial<PlanPolicy> = {}, given = {}) {
  return planAssignments(makeSituation({ nodes, policy, ...given })).assignments[0];
}

describe('the choice of a node', () => {
  const nearlyDone = (nodeId: string, progress: number) => makeNode({ nodeId, slots: [{ slot: 0, progress }] });

  it('takes the least loaded, and says why', () => {
    const chosen = chooseFor([nearlyDone('a', 85), nearlyDone('b', 95), nearlyDone('c', 90)]);
    expect(chosen).toMatchObject({
      nodeId: 'b',
      slot: 1,
      reason: 'least loaded; 3 nearly finished nodes could take it, load 0.05',
    });
  });

  it('takes the next in turn, round and round', () => {
    const turn = (lastNodeId?: string) => chooseFor(makeNodes(3), { strategy: 'round_robin' }, { lastNodeId })?.nodeId;
    expect([turn(), turn('node-1'), turn('node-2'), turn('node-3'), turn('gone')]).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'node-1',
      'node-1',
    ]);
  });

  it('takes the highest priority, and among equals the least loaded', () => {
    const nodes = [makeNode(), makeNode({ nodeId: 'b', priority: 5 }), makeNode({ nodeId: 'c', priority: 5 })];
    expect(chooseFor(nodes, { strategy: 'priority_based' })?.nodeId).toBe('b');
  });

  it.each([
    ['weighted', 0.75],
    ['random', 0.5],
  ] as const)('draws (%s) as often as the weights say, the same for the same seed', (strategy, share) => {
    const nodes = [makeNode({ nodeId: 'a', priority: 3 }), makeNode({ nodeId: 'b', priority: 1 })];
    const draw = (seed: number) => chooseFor(nodes, { strategy }, { seed: String(seed) })?.nodeId;
    const drawn = Array.from({ length: 2_000 }, (_, seed) => draw(seed));
    expect(drawn).toEqual(Array.from({ length: 2_000 }, (_, seed) => draw(seed)));
    expect(drawn.filter((nodeId) => nodeId === 'a').length / drawn.length).toBeCloseTo(share, 1);
  });

  describe('with its models loaded somewhere', () => {
    const candidates = [makeCandidate({ requirement: MODEL })];
    const warm = (given: Partial<NodeState> = {}) =>
      makeNode({ nodeId: 'warm', warmModels: ['a.safetensors'], ...given });

    it('prefers that node', () => {
      const chosen = chooseFor([makeNode({ nodeId: 'a' }), warm()], {}, { candidates });
      expect(chosen).toMatchObject({ nodeId: 'warm', isForWarmModel: true });
      expect(chosen?.reason).toMatch(/^its models are loaded there/);
    });

    it('only while that node has hardly more to do', () => {
      const nodes = [nearlyDone('a', 98), warm({ slots: [{ slot: 0, progress: 80 }] })];
      expect(chooseFor(nodes, { affinityLoad: 0.2 }, { candidates })?.nodeId).toBe('warm');
      expect(chooseFor(nodes, { affinityLoad: 0.1 }, { candidates })?.nodeId).toBe('a');
    });

    it('only so many times on end', () => {
      const choose = (warmStreak: number) =>
        chooseFor([makeNode({ nodeId: 'a' }), warm({ warmStreak })], { affinityStreak: 3 }, { candidates });
      expect(choose(2)?.nodeId).toBe('warm');
      expect(choose(3)).toMatchObject({ nodeId: 'a', isForWarmModel: false });
    });

    it('never on a second slot while another is idle', () => {
      const nodes = [makeNode({ nodeId: 'a' }), warm({ slots: [{ slot: 0, progress: 99 }] })];
      expect(chooseFor(nodes, {}, { candidates })?.nodeId).toBe('a');
    });
  });
});
