import type { PublishedWorkflow, WorkflowParameterDefinition } from '../../src/shared/index.js';

const open = { isOpenToClients: true, description: '' };

const PARAMETERS: WorkflowParameterDefinition[] = [
  { name: 'prompt', nodeId: 'text', inputName: 'text', type: 'string', ...open },
  { name: 'width', nodeId: 'canvas', inputName: 'width', type: 'int', defaultValue: 512, ...open },
  { name: 'seed', nodeId: 'sampler', inputName: 'seed', type: 'int', defaultValue: -1, ...open },
  { name: 'steps', nodeId: 'sampler', inputName: 'steps', type: 'int', ...open, isOpenToClients: false },
  { name: 'cfg', nodeId: 'sampler', inputName: 'cfg', type: 'float', defaultValue: 6.5, ...open },
];

/** A small published workflow: prompt, width, seed and cfg are open to clients, steps are the graph's own. */
export function makePublishedWorkflow(given: Partial<PublishedWorkflow> = {}): PublishedWorkflow {
  const { workflowName = 'sd_basic' } = given;
  return {
    workflowName,
    version: 1,
    contentHash: 'a'.repeat(64),
    publishedAt: '2026-01-01T00:00:00.000Z',
    definition: {
      name: workflowName,
      displayName: workflowName,
      taskType: 'text_to_image',
      versionLabel: '1.0',
      description: '',
      graph: {
        text: { class_type: 'CLIPTextEncode', inputs: { text: 'own' } },
        canvas: { class_type: 'EmptyLatentImage', inputs: { width: 640 } },
        sampler: { class_type: 'KSampler', inputs: { seed: 1, steps: 30, cfg: 7 } },
        save: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } },
      },
      parameters: PARAMETERS,
      estimatedTimeSeconds: 60,
      maxConcurrentTasks: 4,
      isEnabled: true,
    },
    ...given,
  };
}
