import { APIConnectionTimeoutError, APIError } from 'openai';
import { HostRefusedError } from '../../common/index.js';
import { TargetError } from './chat-target.js';
import { readRetryAfterMs } from './retry-after.js';

/** How an API tells that it refused; the SDK's errors have this shape, and so have errors inside answers of status 200. */
export interface Refusal {
  status: number;
  code?: unknown;
  type?: unknown;
  message: string;
  headers?: { get(name: string): string | null };
  /** The body's `error`. */
  error?: unknown;
}

/**
 * How APIs say that a filter held a prompt or an answer back: OpenAI and Azure (content_filter, its inner error),
 * LiteLLM (content_policy_violation), DashScope (data_inspection_failed), Zhipu (1301).
 */
const FILTER_CODES = new Set([
  'content_filter',
  'content_policy_violation',
  'responsibleaipolicyviolation',
  'data_inspection_failed',
  'datainspectionfailed',
  '1301',
]);
/** DeepSeek's filter has words, but no code of its own. */
const FILTER_WORDS = /content exists risk/i;
const NO_CREDIT = new Set(['insufficient_quota', 'insufficient_balance', 'billing_hard_limit_reached']);

/** Turns whatever an attempt threw into the reason that is stored with the item. */
export function toTargetError(error: unknown, now: Date): TargetError {
  if (error instanceof TargetError) return error;
  if (error instanceof APIConnectionTimeoutError) return new TargetError('timeout', 'No answer came in time.');
  if (error instanceof APIError && error.status !== undefined) return refusalError(error as APIError & Refusal, now);
  if ((error as Error | undefined)?.name === 'SyntaxError')
    return new TargetError('malformed', 'The API answered with broken JSON.', { isRetryable: true });
  const refused = findCause(error, HostRefusedError);
  if (refused) return hostError(refused);
  return new TargetError('network', `The connection failed: ${innermostMessage(error)}`);
}

export function refusalError(refusal: Refusal, now: Date): TargetError {
  const { status } = refusal;
  const message = `The API answered ${refusal.message.startsWith(`${status}`) ? '' : `${status}: `}${refusal.message}`;
  if (isFilter(refusal)) return new TargetError('content_filter', message);
  if (status === 402 || hasCode(refusal, NO_CREDIT))
    return new TargetError('unauthorized', `${message} (the key's account has no credit)`, { isFatal: true });
  if (status === 401 || status === 403) return new TargetError('unauthorized', message, { isFatal: true });
  const retryAfterMs = readRetryAfterMs((name) => refusal.headers?.get(name), now);
  if (status === 429) return new TargetError('rate_limited', message, { retryAfterMs });
  if (status === 408) return new TargetError('timeout', message);
  if (status >= 500) return new TargetError('server_error', message, { retryAfterMs });
  // A wrong path or an unknown model, or a redirect, which is not followed: no item would fare better.
  const isFatal = status === 404 || (status >= 300 && status < 400);
  return new TargetError('bad_request', message, { isFatal });
}

function isFilter(refusal: Refusal): boolean {
  const body = (refusal.error ?? {}) as { innererror?: { code?: unknown }; metadata?: { reasons?: unknown } };
  // OpenRouter answers 403 with the reasons of its moderation.
  if (Array.isArray(body.metadata?.reasons)) return true;
  if (hasCode({ ...refusal, type: body.innererror?.code ?? refusal.type }, FILTER_CODES)) return true;
  return FILTER_WORDS.test(refusal.message);
}

function hasCode({ code, type }: Refusal, codes: Set<string>): boolean {
  return [code, type].some((name) => codes.has(String(name).toLowerCase()));
}

function hostError({ cause }: HostRefusedError): TargetError {
  // A failed look-up may have been the resolver's bad moment, unlike an address that is not allowed.
  const isLookup = (cause as { code?: unknown } | undefined)?.code !== undefined;
  const message =
    'The host could not be reached: its name is unknown, or stands for an address that may not be connected to (flames.allow_private_targets).';
  return new TargetError('network', message, { isFatal: !isLookup });
}

function findCause<T>(error: unknown, kind: new (...parts: never[]) => T): T | undefined {
  for (let link = error; link instanceof Error; link = link.cause) if (link instanceof kind) return link;
  return undefined;
}

/** The SDK says "Connection error."; what went wrong stands at the end of the chain, as a code where it has no words. */
function innermostMessage(error: unknown): string {
  let link = error;
  while (link instanceof Error && link.cause instanceof Error) link = link.cause;
  const { message, code } = link as { message?: string; code?: string };
  return message || code || 'for no stated reason';
}
