import type { TaskResult, TaskState } from '../../src/shared/index.js';

/** A state as `shared` announces it; a test states only what it is about. */
export function makeState(given: Partial<TaskState> & { taskId: string }): TaskState {
  const { status = 'processing' } = given;
  return {
    runNo: 1,
    stateVersion: 1,
    status,
    attemptCount: 1,
    progress: status === 'completed' ? 100 : 0,
    message: null,
    errorCode: null,
    errorMessage: null,
    startedAt: '2026-01-01T00:00:01.000Z',
    completedAt: null,
    actualTimeSeconds: null,
    results: [],
    ...given,
  };
}

export function makeResult(outputIndex: number, given: Partial<TaskResult> = {}): TaskResult {
  return {
    outputIndex,
    type: 'image',
    fileId: `00000000-0000-7000-8000-00000000000${outputIndex}`,
    fileHash: String(outputIndex).repeat(64).slice(0, 64),
    fileName: `picture-${outputIndex}.png`,
    mimeType: 'image/png',
    sizeBytes: 1_000 + outputIndex,
    width: 512,
    height: 512,
    durationSeconds: null,
    ...given,
  };
}
