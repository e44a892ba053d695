import type { NodeView } from '../../admin/index.js';
import { findAway } from '../scheduling/node-states.js';

/**
 * Pure: where the next attempt had better not go, after one failed by what another node may have more of. None while
 * no other node could take it: then it may as well be tried here again.
 */
export function nodesToAvoid(failedOn: NodeView, others: NodeView[], wants: 'memory' | 'another'): string[] {
  const usable = others.filter((node) => node.nodeId !== failedOn.nodeId && findAway(node) === undefined);
  if (usable.length === 0) return [];
  const bigger = wants === 'memory' ? usable.filter((node) => gpuMemoryOf(node) > gpuMemoryOf(failedOn)) : [];
  if (bigger.length === 0) return [failedOn.nodeId];
  // What has no more memory would fail just the same.
  const smaller = others.filter((node) => node !== failedOn && gpuMemoryOf(node) <= gpuMemoryOf(failedOn));
  return [...new Set([failedOn, ...smaller].map(({ nodeId }) => nodeId))];
}

/** As its health check recorded it; 0 where it was not told. */
function gpuMemoryOf({ metadata }: NodeView): number {
  return Number(metadata.gpu_memory_bytes ?? 0);
}
