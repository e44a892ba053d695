import { InvalidInputError } from '../../common/index.js';
import type { TaskMark } from '../../shared/index.js';

const TEXT = /^(\d{1,15})\.(\d{1,19})$/;

/** As callers get it, and hand it back without reading it. */
export function encodeMark({ createdAt, id }: TaskMark): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** Throws 422 for what no page ever handed out. */
export function decodeMark(cursor: string): TaskMark {
  const [, time, id] = TEXT.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const createdAt = new Date(Number(time));
  if (id === undefined || Number.isNaN(createdAt.getTime()) || createdAt.getUTCFullYear() > 9999) {
    const message = 'cursor must be the next_cursor of an earlier page';
    throw new InvalidInputError([{ field: 'cursor', message }]);
  }
  return { createdAt, id };
}
