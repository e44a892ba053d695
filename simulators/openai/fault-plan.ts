import { createHash } from 'node:crypto';

export const modelFaults = [
  /** 429 with Retry-After. */
  'rate_limited',
  /** 500. */
  'server_error',
  /** No answer ever; the connection stays. */
  'hang',
  /** 200 with finish_reason content_filter and no text, as a filter of answers does. */
  'content_filter',
  /** 400 with the code content_filter, as Azure's filter of prompts does. */
  'prompt_filter',
  /** 200 with half of a JSON text. */
  'malformed',
  /** 200 without choices. */
  'no_choices',
  /** 200 with calls of tools and no text. */
  'tool_call',
  /** The connection is cut instead of an answer. */
  'reset',
] as const;

export type ModelFault = (typeof modelFaults)[number];
export type FaultShares = Partial<Record<ModelFault, number>>;

/** A filter looks at the prompt: it says the same each time. All else may be over at the next attempt. */
const BY_PROMPT: readonly ModelFault[] = ['content_filter', 'prompt_filter', 'tool_call'];

interface ArmedFault {
  fault: ModelFault;
  times: number;
  prompt?: string;
}

/**
 * Which request fails how: those armed first, then by share. The same seed, prompt and attempt fail alike, in whatever
 * order requests come.
 */
export class FaultPlan {
  private armed: ArmedFault[] = [];

  constructor(
    private readonly shares: FaultShares,
    private readonly seed: string,
  ) {}

  arm(fault: ModelFault, { times = 1, prompt }: { times?: number; prompt?: string } = {}): void {
    this.armed.push({ fault, times, prompt });
  }

  clear(): void {
    this.armed = [];
  }

  /** `attempt` counts from 1. */
  take(prompt: string, attempt: number): ModelFault | undefined {
    const armed = this.armed.find((one) => one.prompt === undefined || one.prompt === prompt);
    if (!armed) return this.byShare(prompt, attempt);
    armed.times -= 1;
    if (armed.times <= 0) this.armed = this.armed.filter((other) => other !== armed);
    return armed.fault;
  }

  private byShare(prompt: string, attempt: number): ModelFault | undefined {
    return modelFaults.find((fault) => {
      const share = this.shares[fault] ?? 0;
      const round = BY_PROMPT.includes(fault) ? 0 : attempt;
      return share > 0 && fraction(`${this.seed}\n${fault}\n${round}\n${prompt}`) < share;
    });
  }
}

/** A number from 0 to 1 that is the same for the same text. */
export function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
