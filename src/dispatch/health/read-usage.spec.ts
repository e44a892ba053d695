import { readHardware, readUsage } from './read-usage.js';

const GIBIBYTE = 1024 ** 3;
const CARD = { name: 'cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync', type: 'cuda', vram_total: 24 * GIBIBYTE };

describe('what a node tells of its use', () => {
  it('is the used share of its memories, in percent', () => {
    const stats = {
      system: { ram_total: 64 * GIBIBYTE, ram_free: 16 * GIBIBYTE },
      devices: [{ ...CARD, vram_free: 8 * GIBIBYTE }],
    };
    expect(readUsage(stats)).toEqual({ memory: 75, gpuMemory: 66.67 });
  });

  it.each([
    { system: {}, devices: [] },
    { system: { ram_total: 0, ram_free: 0 }, devices: [{ ...CARD, vram_free: null as unknown as number }] },
  ])('is left open where it tells nothing that can be used', (stats) => {
    expect(readUsage(stats)).toEqual({ memory: undefined, gpuMemory: undefined });
  });

  it('names the card without its place and its allocator', () => {
    const devices = [{ ...CARD, vram_free: 0 }];
    expect(readHardware({ system: {}, devices })).toEqual({
      gpuModel: 'NVIDIA GeForce RTX 4090',
      gpuMemoryBytes: 24 * GIBIBYTE,
    });
    expect(readHardware({ system: {}, devices: [{ ...devices[0]!, name: 'cpu' }] })?.gpuModel).toBe('cpu');
    expect(readHardware({ system: {}, devices: [] })).toBeUndefined();
  });
});
