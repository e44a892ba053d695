import { newId } from '../../src/common/index.js';
import type { TaskWish } from '../../src/shared/index.js';

/** A valid wish; a test states only what it is about. */
export function makeTaskWish(given: Partial<TaskWish> = {}): TaskWish {
  return {
    taskId: newId(),
    sourceType: 'client',
    sourceUserId: 'user-1',
    runNo: 1,
    cancelRun: 0,
    taskType: 'text_to_image',
    workflowName: 'test_pattern',
    workflowVersion: 1,
    requirementKey: 'test_pattern@1|',
    priority: 1,
    prompt: 'a lighthouse',
    negativePrompt: null,
    modelName: null,
    width: 64,
    height: 64,
    steps: null,
    cfgScale: null,
    sampler: null,
    scheduler: null,
    seed: 7,
    batchSize: 1,
    batchId: null,
    estimatedTimeSeconds: 10,
    createdAt: '2026-11-22T10:00:00.000Z',
    forgottenAt: null,
    parameters: [{ name: 'width', type: 'int', value: '64' }],
    ...given,
  };
}
