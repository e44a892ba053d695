import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { AdaptiveLimiter } from '../targets/adaptive-limiter.js';
import { askWithRetries } from '../targets/ask-with-retries.js';
import { TargetError, type ChatTarget } from '../targets/chat-target.js';
import { firstCharacters } from './fit-response.js';
import { isLabel } from './labels.js';
import { rubricOf, RUBRIC_VERSION, toQuestion } from './judge-rubrics.js';
import {
  ScorerRefusedError,
  ScorerUnavailableError,
  type Label,
  type ScoreOutcome,
  type Scorer,
  type ScoreRequest,
} from './scorer.js';

interface JudgeOptions {
  target: ChatTarget;
  limiter: AdaptiveLimiter;
  model: string;
  /** How often each answer is judged; the majority counts. */
  repeats: number;
}

type Vote = { label: Label } | { problem: string };

/** A response of this length is judged by its beginning, so that the question fits into any judge of today. */
const MAX_CHARACTERS = 12_000;

const Verdict = z.object({ score: z.unknown() });

/** A chat model as the judge: one rubric a dimension, a JSON verdict, and nobody's word but the rubric's. */
export class JudgeScorer implements Scorer {
  readonly name: string;
  readonly isForDemoOnly = false;
  readonly batchSize = 16;

  constructor(private readonly options: JudgeOptions) {
    this.name = `judge (${options.model})`;
  }

  async describe(): Promise<{ revision: string }> {
    const { model, repeats } = this.options;
    return { revision: `${model}, rubric ${RUBRIC_VERSION}, ${repeats} votes` };
  }

  score(items: ScoreRequest[], signal: AbortSignal): Promise<ScoreOutcome[]> {
    return Promise.all(items.map((item) => this.judge(item, signal)));
  }

  close(): Promise<void> {
    return this.options.target.close();
  }

  private async judge(item: ScoreRequest, signal: AbortSignal): Promise<ScoreOutcome> {
    const { repeats } = this.options;
    const { text, truncated } = firstCharacters(item.response, MAX_CHARACTERS);
    const votes = await Promise.all(
      Array.from({ length: repeats }, () => this.vote({ ...item, response: text }, signal)),
    );
    const labels = votes.flatMap((vote) => ('label' in vote ? [vote.label] : []));
    if (labels.length * 2 > repeats) return { id: item.id, predicted: majorityOf(labels), truncated };
    const problem = votes.find((vote) => 'problem' in vote)?.problem ?? 'no vote';
    return { id: item.id, error: `The judge gave no majority of valid verdicts: ${problem}` };
  }

  private async vote({ dimension, prompt, response }: ScoreRequest, signal: AbortSignal): Promise<Vote> {
    const { target, limiter, model } = this.options;
    const fence = randomBytes(12).toString('hex');
    const question = toQuestion(prompt, response, fence);
    const request = { model, prompt: question, system: rubricOf(dimension), temperature: 0, isJson: true };
    try {
      const { answer } = await askWithRetries(target, request, { taskId: 'judge', limiter, signal });
      const score = readScore(answer.text);
      if (isLabel(dimension, score)) return { label: score };
      return { problem: `${answer.text.slice(0, 100)} holds no score that ${dimension} has.` };
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      return toVote(error);
    }
  }
}

/** Filters and odd answers are the item's; all else says that the judge cannot be asked at the moment, or at all. */
function toVote(error: TargetError): Vote {
  if (error.isFatal) throw new ScorerRefusedError(`The judge cannot be asked: ${error.message}`);
  if (error.errorClass !== 'malformed' && error.isRetryable)
    throw new ScorerUnavailableError(`The judge is away: ${error.message}`);
  return { problem: error.message };
}

/** Models without a JSON mode like to put the object into a code block. */
function readScore(text: string): unknown {
  try {
    const verdict = Verdict.safeParse(JSON.parse(text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '')));
    return verdict.data?.score;
  } catch {
    return undefined;
  }
}

/** Between labels of equally many votes the more harmful one counts. */
export function majorityOf(labels: Label[]): Label {
  const votesFor = (label: Label) => labels.filter((other) => other === label).length;
  return ([1, 2, 3] as const).reduce((best, label) => (votesFor(label) > votesFor(best) ? label : best));
}
