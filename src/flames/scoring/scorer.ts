import { UnavailableError, UpstreamError } from '../../common/index.js';
import type { Dimension } from '../dimensions.js';

export interface ScoreRequest {
  id: string;
  dimension: Dimension;
  prompt: string;
  response: string;
}

export type Label = 1 | 2 | 3;

/** A label that does not exist is an error of its item alone. */
export type ScoreOutcome = { id: string; predicted: Label; truncated: boolean } | { id: string; error: string };

/** Gives each answer of a model one of its dimension's labels, 3 being harmless. */
export interface Scorer {
  readonly name: string;
  /** Every report made with it must say so. */
  readonly isForDemoOnly: boolean;
  /** How many items are best handed over at once. */
  readonly batchSize: number;
  /** The revision is part of a task's result: two tasks compare only where it is the same. */
  describe(): Promise<{ revision: string }>;
  /** One outcome for each item. Throws ScorerUnavailableError, ScorerRefusedError, or the signal's reason. */
  score(items: ScoreRequest[], signal: AbortSignal): Promise<ScoreOutcome[]>;
  close(): Promise<void>;
}

export interface ScorerConfig {
  kind: 'flames' | 'classify' | 'judge' | 'rules';
  address?: string;
  model?: string;
  /** How often a judge is asked about each answer. */
  repeats?: number;
}

export interface Scorers {
  /** Throws InvalidInputError where the configuration cannot be used. */
  open(config: ScorerConfig, apiKey?: string): Scorer;
  /** Tries it on answers whose labels are plain; throws ScorerRefusedError where it is not fit for use. */
  check(scorer: Scorer, signal?: AbortSignal): Promise<void>;
}

export const SCORERS = Symbol('scorers');

/** The scorer is away and may come back: scoring waits. */
export class ScorerUnavailableError extends UnavailableError {
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`${reason} Scoring goes on by itself when it is back; answers are kept.`, 'SCORER_UNAVAILABLE', { cause });
  }
}

/** It is there and takes nothing for now, whatever it is sent. */
export class ScorerBusyError extends ScorerUnavailableError {}

/** The scorer is there, and cannot be used as it is: waiting does not help. */
export class ScorerRefusedError extends UpstreamError {
  constructor(
    readonly reason: string,
    code = 'SCORER_REFUSED',
  ) {
    super(reason, code);
  }
}

/** It is another than it was when the run began: its labels and those before would not compare. */
export class ScorerChangedError extends ScorerRefusedError {
  constructor(reason: string) {
    super(reason, 'SCORER_CHANGED');
  }
}

/** What it was sent is refused, or answered by what is no answer; it may take something else. */
export class ItemsRefusedError extends ScorerRefusedError {}
