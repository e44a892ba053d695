import type { NodeHardware, NodeUsage } from '../../admin/index.js';
import type { SystemStats } from '../comfyui/protocol.js';

/** What `/system_stats` tells of memory; of how busy processor and card are, ComfyUI says nothing. */
export function readUsage({ system, devices }: SystemStats): NodeUsage {
  const card = devices[0];
  return {
    memory: percentUsed(system.ram_total, system.ram_free),
    gpuMemory: card && percentUsed(card.vram_total, card.vram_free),
  };
}

/** Exactly one device is listed (docs/comfyui-protocol.md, 3.13). */
export function readHardware({ devices: [card] }: SystemStats): NodeHardware | undefined {
  if (!card || typeof card.name !== 'string' || !isAmount(card.vram_total)) return undefined;
  return { gpuModel: modelOf(card.name), gpuMemoryBytes: card.vram_total };
}

/** `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync` is an RTX 4090 at place 0 with an allocator. */
function modelOf(name: string): string {
  return name
    .replace(/^(cuda|xpu|npu|mlu|rocm):\d+ /i, '')
    .replace(/ : \w+$/, '')
    .slice(0, 200);
}

function percentUsed(total: number | undefined, free: number | undefined): number | undefined {
  if (!isAmount(total) || !isAmount(free) || total === 0) return undefined;
  return Math.round(Math.min(1, Math.max(0, 1 - free / total)) * 10_000) / 100;
}

/** Nodes are strangers: a broken driver tells NaN, which parses to null. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
