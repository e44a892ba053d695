import { InvalidInputError } from '../../common/index.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export type Interval = 'hour' | 'day';

/** From the first moment to before the last one. */
export interface TimeRange {
  from: Date;
  to: Date;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** `2026-11-22` or `2026-11-22T10:00:00Z`. A day alone is all of it in UTC, so as an end it is taken in. */
export function readMoment(text: string, field: 'from' | 'to'): Date {
  const time = DAY.test(text) || MOMENT.test(text) ? new Date(text) : undefined;
  // 30 February is read as 2 March.
  const isReal = time && !Number.isNaN(time.getTime()) && (!DAY.test(text) || dayOf(time) === text);
  if (!isReal || time.getUTCFullYear() < 1971 || time.getUTCFullYear() > 9_998) {
    const message = `${field} is no time; write a day such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.`;
    throw new InvalidInputError([{ field, message }]);
  }
  return field === 'to' && DAY.test(text) ? new Date(time.getTime() + DAY_MS) : time;
}

/** Whole hours or days that hold the range. */
export function widen({ from, to }: TimeRange, interval: Interval): TimeRange {
  const size = interval === 'hour' ? HOUR_MS : DAY_MS;
  return { from: startOf(from, size), to: new Date(Math.ceil(to.getTime() / size) * size) };
}

/** The beginnings of all hours or days of a range that begins with one. */
export function bucketsOf({ from, to }: TimeRange, interval: Interval): Date[] {
  const size = interval === 'hour' ? HOUR_MS : DAY_MS;
  const count = Math.max(0, Math.ceil((to.getTime() - from.getTime()) / size));
  return Array.from({ length: count }, (_, index) => new Date(from.getTime() + index * size));
}

export function startOf(time: Date, size: number): Date {
  return new Date(Math.floor(time.getTime() / size) * size);
}

/** `2026-11-22`, in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
