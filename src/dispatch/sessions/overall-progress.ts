import type { ProgressState } from '../comfyui/protocol.js';

/**
 * One percentage for a whole graph: each node counts as much as it has steps, so that a sampler of 20 steps weighs
 * more than the loader before it. Nodes that were not announced yet count as one step.
 */
export function overallProgress(nodes: ProgressState, nodeCount: number): number {
  let done = 0;
  let all = 0;
  for (const { value, max, state } of Object.values(nodes)) {
    const steps = Math.max(1, max);
    all += steps;
    done += state === 'finished' ? steps : Math.min(value, steps);
  }
  all += Math.max(0, nodeCount - Object.keys(nodes).length);
  return all === 0 ? 0 : Math.round((1_000 * done) / all) / 10;
}
