import type { NodeView } from '../../admin/index.js';
import { nodesToAvoid } from './nodes-to-avoid.js';

const makeNode = (nodeId: string, gigabytes?: number, given: Partial<NodeView> = {}) =>
  ({
    nodeId,
    status: 'online',
    isCordoned: false,
    breaker: { isOpen: false },
    metadata: gigabytes === undefined ? {} : { gpu_memory_bytes: gigabytes * 1e9 },
    ...given,
  }) as NodeView;

describe('nodesToAvoid', () => {
  const small = makeNode('small', 8);

  it('sends what ran out of memory to nodes that have more of it', () => {
    const others = [small, makeNode('same', 8), makeNode('big', 24), makeNode('unknown')];
    expect(nodesToAvoid(small, others, 'memory')).toEqual(['small', 'same', 'unknown']);
  });

  it('sends it to any other node where none has more', () => {
    expect(nodesToAvoid(small, [small, makeNode('same', 8)], 'memory')).toEqual(['small']);
  });

  it('sends what ran too long to any other node', () => {
    expect(nodesToAvoid(small, [small, makeNode('same', 8), makeNode('big', 24)], 'another')).toEqual(['small']);
  });

  it.each([
    ['there is no other', []],
    ['the other is offline', [makeNode('big', 24, { status: 'offline' })]],
    ['the other takes no new work', [makeNode('big', 24, { isCordoned: true })]],
  ])('avoids nothing where %s', (_, others) => {
    expect(nodesToAvoid(small, [small, ...others], 'memory')).toEqual([]);
  });
});
