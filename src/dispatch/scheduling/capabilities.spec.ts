import type { WorkflowDefinition } from '../../shared/index.js';
import { findMissing, findModel, readCapabilities, requirementOf } from './capabilities.js';

const INFO = {
  CheckpointLoaderSimple: { input: { required: { ckpt_name: [['SD/a.safetensors', 'b.ckpt']] } } },
  UNETLoader: { input: { required: { unet_name: ['COMBO', { options: ['wan.safetensors'] }] } } },
  ImageScale: { input: { required: { upscale_method: [['nearest', 'area']], width: ['INT', { min: 0 }] } } },
};

const definition = {
  graph: {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SD\\a.safetensors' } },
    '2': { class_type: 'ImageScale', inputs: { upscale_method: 'area', width: 8 } },
  },
  parameters: [{ name: 'checkpoint', nodeId: '1', inputName: 'ckpt_name' }],
} as unknown as WorkflowDefinition;

describe('capabilities', () => {
  const capabilities = readCapabilities(INFO);

  it('reads model lists in the old and the new form, and takes no other list for one', () => {
    expect(capabilities.models).toEqual({
      'CheckpointLoaderSimple.ckpt_name': ['SD/a.safetensors', 'b.ckpt'],
      'UNETLoader.unet_name': ['wan.safetensors'],
    });
  });

  it('matches a file whatever its separators', () => {
    expect(findModel(['SD/a.safetensors'], 'SD\\a.safetensors')).toBe('SD/a.safetensors');
    expect(findModel(['SD/a.safetensors'], 'a.safetensors')).toBeUndefined();
    expect(findMissing(requirementOf(definition, null), capabilities)).toBeUndefined();
  });

  it('names the class or the model that a node lacks', () => {
    expect(findMissing(requirementOf(definition, 'other.safetensors'), capabilities)).toBe(
      'lacks the model other.safetensors',
    );
    expect(findMissing({ classes: ['Nowhere'], models: {} }, capabilities)).toBe('lacks the node class Nowhere');
  });
});
