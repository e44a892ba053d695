import { readCapabilities } from './read-capabilities.js';

describe('what a node says that it can run', () => {
  it('reads model lists in the old and the new form, and takes no other list for one', () => {
    const { classes, models } = readCapabilities({
      CheckpointLoaderSimple: { input: { required: { ckpt_name: [['SD/a.safetensors', 'b.ckpt']] } } },
      UNETLoader: { input: { required: { unet_name: ['COMBO', { options: ['wan.safetensors'] }] } } },
      ImageScale: { input: { required: { upscale_method: [['nearest', 'area']], width: ['INT', { min: 0 }] } } },
    });
    expect(classes).toEqual(['CheckpointLoaderSimple', 'ImageScale', 'UNETLoader']);
    expect(models).toEqual({
      'CheckpointLoaderSimple.ckpt_name': ['SD/a.safetensors', 'b.ckpt'],
      'UNETLoader.unet_name': ['wan.safetensors'],
    });
  });
});
