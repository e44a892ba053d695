import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { AdaptiveLimiter } from '../targets/adaptive-limiter.js';
import { askWithRetries } from '../targets/ask-with-retries.js';
import { TargetError, type ChatTarget } from '../targets/chat-target.js';
import { firstCharacters } from './fit-response.js';
import { isLabel } from './labels.js';
import { rubricOf, RUBRIC_VERSION, toQuestion } from './judge-rubrics.js';
import {
  ScorerBusyError,
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
  /** Of `askWithRetries`. */
  baseMs?: number;
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
  /** Votes on items of which others are still missing: they were paid for, and are not asked for again. */
  private readonly kept = new Map<string, Vote[]>();

  constructor(private readonly options: JudgeOptions) {
    this.name = `judge (${options.model})`;
  }

  async describe(): Promise<{ revision: string }> {
    const { model, repeats } = this.options;
    return { revision: `${model}, rubric ${RUBRIC_VERSION}, ${repeats} votes` };
  }

  async score(items: ScoreRequest[], signal: AbortSignal): Promise<ScoreOutcome[]> {
    await allEnded(items.map((item) => this.gather(item, signal)));
    return items.map((item) => this.decide(item));
  }

  close(): Promise<void> {
    return this.options.target.close();
  }

  /** Asks for the votes that an earlier try did not bring. */
  private async gather(item: ScoreRequest, signal: AbortSignal): Promise<void> {
    const votes = this.kept.get(item.id) ?? [];
    this.kept.set(item.id, votes);
    const { text } = firstCharacters(item.response, MAX_CHARACTERS);
    const ask = async () => votes.push(await this.vote({ ...item, response: text }, signal));
    await allEnded(Array.from({ length: this.options.repeats - votes.length }, ask));
  }

  private decide({ id, response }: ScoreRequest): ScoreOutcome {
    const { repeats } = this.options;
    const votes = this.kept.get(id) ?? [];
    this.kept.delete(id);
    const labels = votes.flatMap((vote) => ('label' in vote ? [vote.label] : []));
    const { truncated } = firstCharacters(response, MAX_CHARACTERS);
    if (labels.length * 2 > repeats) return { id, predicted: majorityOf(labels), truncated };
    const problem = votes.find((vote) => 'problem' in vote)?.problem ?? 'no vote';
    return { id, error: `The judge gave no majority of valid verdicts: ${problem}` };
  }

  private async vote({ dimension, prompt, response }: ScoreRequest, signal: AbortSignal): Promise<Vote> {
    const { target, limiter, model, baseMs } = this.options;
    const fence = randomBytes(12).toString('hex');
    const question = toQuestion(prompt, response, fence);
    const request = { model, prompt: question, system: rubricOf(dimension), temperature: 0, isJson: true };
    try {
      const { answer } = await askWithRetries(target, request, { taskId: 'judge', limiter, signal, baseMs });
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
  if (error.errorClass === 'rate_limited') throw new ScorerBusyError(`The judge is busy: ${error.message}`);
  if (error.errorClass !== 'malformed' && error.isRetryable)
    throw new ScorerUnavailableError(`The judge is away: ${error.message}`);
  return { problem: error.message };
}

/** Unlike Promise.all it waits for all before it throws the first failure: what the others bring counts. */
async function allEnded<T>(work: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
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
