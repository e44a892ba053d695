import type { WorkflowDefinition, WorkflowParameterDefinition } from '../../shared/index.js';
import { diffDefinitions } from './diff-definitions.js';

const steps: WorkflowParameterDefinition = {
  name: 'steps',
  nodeId: '3',
  inputName: 'steps',
  type: 'int',
  defaultValue: 20,
  description: '',
  isOpenToClients: true,
};
const definition: WorkflowDefinition = {
  name: 'w',
  displayName: 'W',
  taskType: 'text_to_image',
  versionLabel: '1.0',
  description: '',
  graph: {
    '3': { class_type: 'KSampler', inputs: { steps: 20, model: ['4', 0] } },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  },
  parameters: [steps],
  estimatedTimeSeconds: 60,
  maxConcurrentTasks: 0,
  isEnabled: true,
};

describe('the difference of two definitions', () => {
  it('is empty between the same, whatever the order of keys', () => {
    const turned = {
      ...definition,
      graph: { '4': definition.graph['4']!, '3': { inputs: { model: ['4', 0], steps: 20 }, class_type: 'KSampler' } },
    };
    expect(diffDefinitions(definition, turned)).toEqual({
      is_same: true,
      fields: [],
      nodes: { added: [], removed: [], changed: [] },
      parameters: { added: [], removed: [], changed: [] },
    });
  });

  it('names fields, nodes with their inputs, and parameters with theirs', () => {
    const changed: WorkflowDefinition = {
      ...definition,
      description: 'Sharper',
      maxConcurrentTasks: 2,
      graph: {
        '3': { class_type: 'KSamplerAdvanced', inputs: { steps: 30, model: ['5', 0], denoise: 1 } },
        '5': { class_type: 'UNETLoader', inputs: {} },
      },
      parameters: [
        { ...steps, defaultValue: 30, max: 50 },
        { ...steps, name: 'denoise', inputName: 'denoise' },
      ],
    };
    expect(diffDefinitions(definition, changed)).toEqual({
      is_same: false,
      fields: [
        { name: 'description', from: '', to: 'Sharper' },
        { name: 'max_concurrent_tasks', from: 0, to: 2 },
      ],
      nodes: {
        added: [{ node_id: '5', class_type: 'UNETLoader' }],
        removed: [{ node_id: '4', class_type: 'CheckpointLoaderSimple' }],
        changed: [
          {
            node_id: '3',
            class_type: 'KSamplerAdvanced',
            inputs: [
              { name: 'class_type', from: 'KSampler', to: 'KSamplerAdvanced' },
              { name: 'steps', from: 20, to: 30 },
              { name: 'model', from: ['4', 0], to: ['5', 0] },
              { name: 'denoise', from: null, to: 1 },
            ],
          },
        ],
      },
      parameters: {
        added: ['denoise'],
        removed: [],
        changed: [
          {
            name: 'steps',
            fields: [
              { name: 'default_value', from: 20, to: 30 },
              { name: 'max', from: null, to: 50 },
            ],
          },
        ],
      },
    });
  });

  it('swaps sides where the sides are swapped', () => {
    const more = { ...definition, parameters: [steps, { ...steps, name: 'more' }] };
    expect(diffDefinitions(definition, more).parameters.added).toEqual(['more']);
    expect(diffDefinitions(more, definition).parameters.removed).toEqual(['more']);
  });
});
