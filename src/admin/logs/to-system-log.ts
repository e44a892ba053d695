import { toUSVString } from 'node:util';
import type { TappedLine } from '../../common/index.js';
import type { Settings } from '../../config/index.js';

export type SystemLogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** One row of `system_logs` to be. */
export interface NewSystemLog {
  level: SystemLogLevel;
  module: string | null;
  message: string;
  /** JSON. */
  details: string | null;
  adminUserId: string | null;
  taskId: string | null;
  /** The name by which people know the node. */
  nodeId: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
  /** `YYYY-MM-DD`: the last day on which the row is kept. */
  expireOn: string;
}

const DAY_MS = 86_400_000;
const MESSAGE_LENGTH = 4_000;
/** Of one text, list and object among the details, and of all of them as JSON. */
const TEXT_LENGTH = 2_000;
const ENTRIES = 50;
/** Databases refuse JSON that is much deeper. */
const DEPTH = 6;
const DETAILS_LENGTH = 16_000;

const SECRET = /passw|secret|token|authorization|cookie|api_?key|credential/i;
/** What names the part of the program that speaks. */
const MODULE_KEYS = ['component', 'context'];
const ELSEWHERE = new Set(['level', 'time', 'msg', 'requestId', ...MODULE_KEYS]);

/** A printed line as a row: without secrets, and never larger or deeper than the table takes. */
export function toSystemLog(
  { text, request }: TappedLine,
  days: Settings['retention']['logDays'],
  now: Date,
): NewSystemLog {
  const line = parse(text);
  const level = levelOf(line.level);
  const time = new Date(typeof line.time === 'string' ? line.time : now);
  const createdAt = Number.isNaN(time.getTime()) ? now : time;
  const keptMs = days[level.toLowerCase() as keyof typeof days] * DAY_MS;
  const rest = Object.entries(line).filter(([key]) => !ELSEWHERE.has(key));
  const requestId = line.requestId ?? request?.requestId;
  const details = { ...(requestId ? { requestId } : {}), ...Object.fromEntries(rest) };
  return {
    level,
    module: textOf(
      MODULE_KEYS.map((key) => line[key]).find((value) => typeof value === 'string'),
      100,
    ),
    message:
      textOf(line.msg, MESSAGE_LENGTH) ?? textOf((line.err as { message?: unknown })?.message, MESSAGE_LENGTH) ?? '',
    details: toDetails(details),
    adminUserId: request?.admin?.adminUserId ?? null,
    taskId: idOf(line.taskId ?? line.task_id, 36),
    nodeId: idOf(line.nodeId ?? line.node_id, 100),
    ipAddress: textOf(request?.ipAddress, 64),
    userAgent: textOf(request?.userAgent, 1_000),
    createdAt,
    expireOn: new Date(createdAt.getTime() + keptMs).toISOString().slice(0, 10),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null) return line as Record<string, unknown>;
  } catch {
    // Somebody's serializer wrote no JSON: the text itself is the message.
  }
  return { level: 30, msg: text };
}

function levelOf(level: unknown): SystemLogLevel {
  const number = Number(level);
  if (number >= 60) return 'CRITICAL';
  if (number >= 50) return 'ERROR';
  if (number >= 40) return 'WARNING';
  return number < 30 ? 'DEBUG' : 'INFO';
}

function toDetails(details: Record<string, unknown>): string | null {
  if (Object.keys(details).length === 0) return null;
  const json = JSON.stringify(bounded(details, DEPTH));
  if (json.length <= DETAILS_LENGTH) return json;
  return JSON.stringify({ truncated: true, text: textOf(json, DETAILS_LENGTH / 2) });
}

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return textOf(value, TEXT_LENGTH);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((each) => bounded(each, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ENTRIES)
      .map(([key, each]) => [
        textOf(key, 100),
        SECRET.test(key) && typeof each === 'string' ? '[Redacted]' : bounded(each, depth - 1),
      ]),
  );
}

/** Halves of characters become U+FFFD: no UTF-8 can hold them. */
function textOf(value: unknown, length: number): string | null {
  return typeof value === 'string' ? toUSVString(value.slice(0, length)) : null;
}

/** What is too long for an id is none. */
function idOf(value: unknown, length: number): string | null {
  return typeof value === 'string' && value.length <= length ? textOf(value, length) : null;
}
