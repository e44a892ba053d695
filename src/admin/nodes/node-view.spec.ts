import { toClusterView, type NodeView } from './node-view.js';

function makeNode(given: Partial<NodeView> = {}): NodeView {
  return {
    nodeId: 'n1',
    name: 'first',
    url: 'http://n1:8188',
    host: 'n1',
    port: 8188,
    status: 'online',
    isCordoned: false,
    drainUntil: undefined,
    currentLoad: 1,
    maxConcurrent: 4,
    capabilities: undefined,
    taskTypes: ['text_to_image'],
    metadata: {},
    version: undefined,
    lastHeartbeat: undefined,
    lastError: undefined,
    usage: { cpu: 0, memory: 0, gpu: 0, gpuMemory: 0 },
    breaker: { isOpen: false, openWorkflows: [], reopensAt: undefined, reason: undefined },
    ...given,
  };
}

describe('toClusterView', () => {
  it('gives numbers where there are no nodes', () => {
    const stats = { total_nodes: 0, online_nodes: 0, current_load: 0, load_percentage: 0 };
    expect(toClusterView([])).toEqual({ nodes: [], cluster_stats: stats });
  });

  it('counts the load of nodes that are there', () => {
    const nodes = [makeNode(), makeNode({ status: 'busy', currentLoad: 2 }), makeNode({ status: 'offline' })];
    expect(toClusterView(nodes).cluster_stats).toEqual({
      total_nodes: 3,
      online_nodes: 2,
      current_load: 3,
      load_percentage: 37.5,
    });
  });

  it('shows a cordoned node as in maintenance', () => {
    expect(toClusterView([makeNode({ isCordoned: true })]).nodes[0]?.status).toBe('maintenance');
  });
});
