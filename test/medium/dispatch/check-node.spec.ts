import { ComfySimulator } from '../../../simulators/comfyui/comfy-simulator.js';
import type { SimulatorOptions } from '../../../simulators/comfyui/simulator-options.js';
import { readShippedGraph } from '../../../src/admin/index.js';
import { loadSettings } from '../../../src/config/index.js';
import { checkNode, type NodeFinding } from '../../../src/dispatch/index.js';

describe('checkNode (real: HTTP and WebSocket to a simulated node)', () => {
  const settings = loadSettings({
    environment: {},
    file: 'none.yaml',
    overrides: { nodes: { requestTimeoutMs: 2_000 } },
  });
  let simulator: ComfySimulator | undefined;

  afterEach(async () => {
    await simulator?.stop();
    simulator = undefined;
  });

  async function check(options: Partial<SimulatorOptions> = {}): Promise<NodeFinding[]> {
    simulator = new ComfySimulator(options);
    await simulator.start();
    return findingsOf(simulator.url);
  }

  async function findingsOf(url: string): Promise<NodeFinding[]> {
    const findings = [];
    const graph = await readShippedGraph('test_pattern');
    for await (const finding of checkNode(url, { graph, width: 512, height: 512 }, settings)) findings.push(finding);
    return findings;
  }

  it('finds a good node good, and leaves nothing on it', async () => {
    const findings = await check();
    expect(findings.filter(({ isProblem }) => isProblem)).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['version', 'device', 'classes', 'models', 'queue', 'event stream', 'render', 'picture']),
    );
    const history = await fetch(`${simulator!.url}/history`);
    expect(await history.json()).toEqual({});
  });

  it('I13 refuses a node that is too old to cancel one prompt alone, and says what to do', async () => {
    const findings = await check({ comfyuiVersion: '0.3.56' });
    expect(findings).toEqual([
      { subject: 'node', isProblem: true, finding: expect.stringContaining('nodes.allow_global_interrupt') },
    ]);
  });

  it('says that nobody is there', async () => {
    expect(await findingsOf('http://127.0.0.1:9')).toEqual([
      { subject: 'node', isProblem: true, finding: expect.stringContaining('did not answer') },
    ]);
  });
});
