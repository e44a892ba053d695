import { findMissing, findModel, requirementOf } from './capabilities.js';
import type { WorkflowDefinition } from './workflow-definition.js';

const definition = {
  graph: {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SD\\a.safetensors' } },
    '2': { class_type: 'ImageScale', inputs: { upscale_method: 'area', width: 8 } },
  },
  parameters: [{ name: 'checkpoint', nodeId: '1', inputName: 'ckpt_name' }],
} as unknown as WorkflowDefinition;

describe('capabilities', () => {
  const capabilities = {
    classes: ['CheckpointLoaderSimple', 'ImageScale'],
    models: { 'CheckpointLoaderSimple.ckpt_name': ['SD/a.safetensors', 'b.ckpt'] },
  };

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
