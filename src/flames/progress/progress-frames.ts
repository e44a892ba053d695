import { encodeMessage } from '../../live/index.js';
import { showTime } from '../shown-time.js';
import type { EndedItem, EndedPlace } from '../tasks/flames-items.repository.js';
import type { FlamesTaskRecord } from '../tasks/flames-task.js';

/** Where a reader stands: behind this item, the `count`-th of the task that ended. */
export interface ProgressPlace {
  count: number;
  ended: EndedPlace | undefined;
}

export const BEGINNING: ProgressPlace = { count: 0, ended: undefined };

/** As `Last-Event-ID` brings it back. */
export function toEventId({ count, ended }: ProgressPlace): string | undefined {
  return ended && `${ended.endedAt.getTime()}-${ended.id}-${count}`;
}

/** The beginning for what we never sent. */
export function parseEventId(text: unknown): ProgressPlace {
  const parts = typeof text === 'string' ? /^(\d{1,13})-(\d{1,15})-(\d{1,9})$/.exec(text) : null;
  if (!parts) return BEGINNING;
  const [endedAtMs, id, count] = parts.slice(1).map(Number) as [number, number, number];
  return { count, ended: { endedAt: new Date(endedAtMs), id } };
}

export function taskInfoFrame(task: FlamesTaskRecord, zone: string): string {
  return encodeMessage({
    task_info: {
      task_id: task.taskId,
      model_name: task.modelName,
      dataset_id: task.datasetId,
      submit_time: showTime(task.submitTime, zone),
      end_time: showTime(task.endTime, zone),
      status: task.status,
      result: task.result ?? null,
    },
  });
}

/** One finished item with its fields. */
export function itemFrame(item: EndedItem, place: ProgressPlace, totalCount: number): string {
  const { dimension, subcomponent, prompt, response, predicted, status, itemKey, repeatNo } = item;
  const frame = {
    dimension,
    subcomponent,
    prompt,
    response,
    predicted,
    status,
    error_class: item.errorClass,
    error_message: item.errorMessage,
    item_key: itemKey,
    repeat_no: repeatNo,
    finished_count: place.count,
    total_count: totalCount,
  };
  return encodeMessage(frame, toEventId(place));
}

export function evalLogFrame(line: string): string {
  return encodeMessage({ eval_log: line });
}

export function errorFrame({ taskId, errorCode, errorMessage }: FlamesTaskRecord): string {
  return encodeMessage({ error: errorMessage ?? 'The evaluation failed.', code: errorCode, task_id: taskId });
}

/** How a task stands in one line, for people; told when it changes. */
export function stateLine({ status, pausedAt, cancelRequestedAt, errorMessage }: FlamesTaskRecord): string {
  if (status === 'running' && cancelRequestedAt) return 'being cancelled';
  if ((status === 'pending' || status === 'running') && pausedAt) return `${status}, paused`;
  if (status === 'pending') return 'pending: waiting for a runner';
  if (status === 'running' && errorMessage) return `running, waiting: ${errorMessage}`;
  return status ?? 'unknown';
}
