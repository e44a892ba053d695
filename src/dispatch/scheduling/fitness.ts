import { listMissing, type Requirement } from '../../shared/workflows/capabilities.js';
import type { NodeState } from './situation.js';

/** Which nodes can run what one requirement asks for. */
export interface Fitness {
  capable: NodeState[];
  capableIds: ReadonlySet<string>;
  /** Never asked: perhaps. */
  unknown: NodeState[];
  /** Those that cannot, with what they lack; the one that lacks least comes first. */
  lacking: { node: NodeState; missing: readonly string[] }[];
}

export function judgeNodes(requirement: Requirement, nodes: NodeState[]): Fitness {
  const fitness = { capable: [] as NodeState[], unknown: [] as NodeState[], lacking: [] as Fitness['lacking'] };
  for (const node of nodes) {
    if (!node.capabilities) {
      fitness.unknown.push(node);
      continue;
    }
    const missing = listMissing(requirement, node.capabilities);
    if (missing.length === 0) fitness.capable.push(node);
    else fitness.lacking.push({ node, missing });
  }
  fitness.lacking.sort((a, b) => a.missing.length - b.missing.length);
  return { ...fitness, capableIds: new Set(fitness.capable.map(({ nodeId }) => nodeId)) };
}

/** True where every node there is has been asked, answers, and cannot: one that is away may come back as another. */
export function isImpossible({ capable, unknown, lacking }: Fitness): boolean {
  const isCertain = lacking.length > 0 && lacking.every(({ node }) => node.awayBecause !== 'offline');
  return capable.length === 0 && unknown.length === 0 && isCertain;
}

export function explainIncapable({ unknown, lacking }: Fitness): string {
  const [nearest] = lacking;
  if (!nearest) return `It is not known yet what ${count(unknown.length, 'node')} can run.`;
  const { node, missing } = nearest;
  const others = lacking.length > 1 ? '; the others lack no less' : '';
  const perhaps = unknown.length > 0 ? `; it is not known yet what ${count(unknown.length, 'node')} can run` : '';
  return `No node can run it: ${node.name} lacks ${missing.join(' and ')}${others}${perhaps}.`;
}

function count(number: number, noun: string): string {
  return number === 1 ? `one ${noun}` : `${number} ${noun}s`;
}
