import type { PromptLogEntry } from '../../simulators/comfyui/prompt-log.js';
import type { AskedTask, FinalAnswer } from '../load/asked-task.js';
import type { Picture } from '../load/read-picture.js';
import type { AttemptRow, Executions } from './count-executions.js';

/** A task that was asked for, completed and fetched as it should be; a test states what is wrong with it. */
export function makeTask(more: Partial<AskedTask> = {}, final: Partial<FinalAnswer> = {}): AskedTask {
  return {
    key: 'task-1',
    username: 'user-1',
    type: 'text_to_image',
    prompt: 'a lighthouse',
    seed: 7,
    side: 64,
    ids: ['id-1'],
    seen: ['queued', 'processing', 'completed'],
    lookedAtMs: 2,
    reloadedAtMs: 0,
    isCancelled: false,
    reloads: { asked: 0, accepted: 0 },
    final: { httpStatus: 200, status: 'completed', errorCode: null, seed: 7, pictures: [makePicture()], ...final },
    ...more,
  };
}

export function makePicture(more: Partial<Picture> = {}): Picture {
  const prompts = ['a lighthouse', 'blurry'];
  return { format: 'png', width: 64, height: 64, frames: 1, prompts, seed: 7, assignmentId: 'attempt-1', ...more };
}

export function makeAttempt(more: Partial<AttemptRow> = {}): AttemptRow {
  const attempt = { assignmentId: 'attempt-1', taskId: 'id-1', runNo: 1, nodeId: 'node-1' };
  return { ...attempt, status: 'completed', errorCode: null, ...more };
}

type Entry = Executions['log'][number];

/** What a node wrote of one prompt: it was accepted, begun and ended. */
export function makeEntries(more: Partial<Entry> = {}): Entry[] {
  const entry = {
    prompt_id: 'attempt-1',
    node: 'node-1',
    number: 1,
    at: '2026-11-22T10:00:00.000Z',
    extra_data: { cws: { task: 'id-1', run: 1, assignment: 'attempt-1' } },
    ...more,
  };
  const events: Partial<PromptLogEntry>[] = [
    { event: 'accepted' },
    { event: 'started' },
    { event: 'finished', outcome: 'success' },
  ];
  return events.map((event) => ({ ...entry, ...event })) as Entry[];
}
