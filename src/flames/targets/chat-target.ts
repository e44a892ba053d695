export interface ChatRequest {
  model: string;
  prompt: string;
  /** Stands before the prompt, as the system's word. */
  system?: string;
  temperature?: number;
  maxTokens?: number;
  /** Asks the API to answer with one JSON object. */
  isJson?: boolean;
}

export interface ChatAnswer {
  text: string;
  finishReason: string;
  promptTokens: number | null;
  completionTokens: number | null;
  latencyMs: number;
}

export type TargetErrorClass =
  | 'rate_limited'
  | 'server_error'
  | 'timeout'
  | 'network'
  | 'unauthorized'
  | 'content_filter'
  | 'bad_request'
  | 'malformed'
  | 'budget';

const RETRYABLE: readonly TargetErrorClass[] = ['rate_limited', 'server_error', 'timeout', 'network'];

interface TargetErrorDetails {
  isRetryable?: boolean;
  isFatal?: boolean;
  retryAfterMs?: number;
}

/** Why a model gave no answer. The message may be shown and stored: it never holds the key. */
export class TargetError extends Error {
  readonly isRetryable: boolean;
  /** No other item could be answered either: the task fails. */
  readonly isFatal: boolean;
  /** How long the API asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** How often the API was asked, this time included. */
  attempts = 1;

  constructor(
    readonly errorClass: TargetErrorClass,
    message: string,
    details: TargetErrorDetails = {},
  ) {
    super(message);
    this.name = 'TargetError';
    this.isFatal = details.isFatal ?? false;
    this.isRetryable = details.isRetryable ?? (!this.isFatal && RETRYABLE.includes(errorClass));
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A model behind an API, as one key reaches it. */
export interface ChatTarget {
  /** One attempt. Throws TargetError, or the signal's reason where the signal ended it. */
  ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer>;
  /** Ends what is under way too. */
  close(): Promise<void>;
}

export interface ChatTargetAddress {
  apiSite: string;
  apiKey: string;
}

export interface ChatTargets {
  /** Throws InvalidInputError where the address or the key cannot be used. */
  open(target: ChatTargetAddress): ChatTarget;
}

export const CHAT_TARGETS = Symbol('chat targets');
