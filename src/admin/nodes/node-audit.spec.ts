import { diffNodes } from './node-audit.js';
import type { NodeView } from './node-view.js';

const makeNode = (fields: Partial<NodeView> = {}) =>
  ({
    nodeId: 'n',
    name: 'N',
    url: 'http://n:8188',
    status: 'offline',
    currentLoad: 0,
    maxConcurrent: 4,
    taskTypes: ['text_to_image'],
    metadata: {},
    ...fields,
  }) as NodeView;

describe('diffNodes', () => {
  it('tells only what was registered otherwise', () => {
    const after = makeNode({ url: 'http://m:8188', metadata: { location: 'b' } });
    expect(diffNodes(makeNode(), after)).toEqual({
      before: { url: 'http://n:8188', metadata: {} },
      after: { url: 'http://m:8188', metadata: { location: 'b' } },
    });
  });

  it('says nothing where only what is seen differs', () => {
    expect(diffNodes(makeNode(), makeNode({ status: 'online', currentLoad: 3 }))).toBeUndefined();
  });

  it('tells all of a node that came or went', () => {
    const whole = { name: 'N', url: 'http://n:8188', max_concurrent: 4, task_types: ['text_to_image'], metadata: {} };
    expect(diffNodes(undefined, makeNode())).toEqual({ after: whole });
    expect(diffNodes(makeNode(), undefined)).toEqual({ before: whole });
  });
});
