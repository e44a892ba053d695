import { collectSeen, toModelFile } from './seen-models.js';

const node = (nodeId: string, models: Record<string, string[]>) => ({ nodeId, capabilities: { classes: [], models } });

describe('models that nodes have', () => {
  it('are one file under either separator, and however many loaders offer it', () => {
    const seen = collectSeen([
      node('linux', {
        'CheckpointLoaderSimple.ckpt_name': ['SD/a.safetensors'],
        'Other.ckpt_name': ['SD/a.safetensors'],
      }),
      node('windows', { 'CheckpointLoaderSimple.ckpt_name': ['SD\\a.safetensors'] }),
      { nodeId: 'new', capabilities: undefined },
    ]);
    expect([...seen.values()]).toEqual([
      { type: 'checkpoint', path: 'SD/a.safetensors', nodeIds: ['linux', 'windows'] },
    ]);
  });

  it('are of the kind that their loader says, and files only', () => {
    expect(toModelFile('VAELoader.vae_name', 'v.pt')).toEqual({ type: 'vae', path: 'v.pt' });
    expect(toModelFile('LoraLoader.lora_name', 'l.safetensors')).toMatchObject({ type: 'lora' });
    expect(toModelFile('ControlNetLoader.control_net_name', 'c.pth')).toMatchObject({ type: 'controlnet' });
    expect(toModelFile('VAELoader.vae_name', 'pixel_space')).toBeUndefined();
    expect(toModelFile('CLIPLoader.clip_name', 'clip.safetensors')).toBeUndefined();
    expect(toModelFile('VAELoader.vae_name', `${'a/'.repeat(300)}v.pt`)).toBeUndefined();
  });
});
