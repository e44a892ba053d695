import { z } from 'zod';
import { firstCharacters } from './fit-response.js';
import { HEADS, toOutcome } from './labels.js';
import type { ScorerClient } from './scorer-client.js';
import {
  ItemsRefusedError,
  ScorerChangedError,
  ScorerRefusedError,
  type ScoreOutcome,
  type Scorer,
  type ScoreRequest,
} from './scorer.js';

const Scored = z.object({
  id: z.string(),
  predicted: z.unknown(),
  class_index: z.unknown(),
  truncated: z.boolean().default(false),
});
const ScoreAnswer = z.object({
  revision: z.string(),
  max_length: z.number().positive(),
  items: z.array(Scored),
});
const Health = z.object({ revision: z.string(), max_length: z.number().positive().optional() });

/** No tokenizer makes more of one token: what is cut off beyond it the scorer would not have read either. */
const CHARACTERS_PER_TOKEN = 8;

/**
 * The Flames scorer behind POST /score. It knows its tokens, so it cuts long responses itself, before the closing
 * sentence; we only spare the wire what it could never read.
 */
export class HttpScorer implements Scorer {
  readonly name = 'flames-scorer';
  readonly isForDemoOnly = false;
  readonly batchSize = 32;
  private maxLength = 4_096;
  private revision: string | undefined;

  constructor(private readonly client: ScorerClient) {}

  async describe(): Promise<{ revision: string }> {
    const health = Health.safeParse(await this.client.get('/healthz'));
    if (!health.success)
      throw new ScorerRefusedError('The scorer names no revision at /healthz; results could not be compared.');
    this.maxLength = health.data.max_length ?? this.maxLength;
    this.revision = health.data.revision;
    return { revision: health.data.revision };
  }

  async score(items: ScoreRequest[], signal: AbortSignal): Promise<ScoreOutcome[]> {
    const outcomes: ScoreOutcome[] = [];
    for (let start = 0; start < items.length; start += this.batchSize)
      outcomes.push(...(await this.scoreBatch(items.slice(start, start + this.batchSize), signal)));
    return outcomes;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async scoreBatch(items: ScoreRequest[], signal: AbortSignal): Promise<ScoreOutcome[]> {
    const cut = items.map(({ response }) => firstCharacters(response, this.maxLength * CHARACTERS_PER_TOKEN));
    const sent = items.map(({ id, dimension, prompt }, index) => ({
      id,
      dimension,
      prompt,
      response: cut[index]!.text,
    }));
    const answer = ScoreAnswer.safeParse(await this.client.post('/score', { items: sent }, signal));
    if (!answer.success)
      throw new ItemsRefusedError(`The scorer's answer is not in its contract: ${z.prettifyError(answer.error)}.`);
    this.maxLength = answer.data.max_length;
    const { revision } = answer.data;
    // It was replaced while we waited, or another of several machines answered: two judges in one result.
    if (this.revision !== undefined && revision !== this.revision) {
      const message = `The scorer was revision ${this.revision} when the run began, and is ${revision} now. Start it anew.`;
      throw new ScorerChangedError(message);
    }
    const scored = new Map(answer.data.items.map((item) => [item.id, item]));
    return items.map((item, index) => toHttpOutcome(item, scored.get(item.id), cut[index]!.truncated));
  }
}

function toHttpOutcome(item: ScoreRequest, scored: z.infer<typeof Scored> | undefined, isCut: boolean): ScoreOutcome {
  const { id, dimension } = item;
  if (!scored) return { id, error: 'The scorer left this item out.' };
  const { predicted, class_index: classIndex, truncated } = scored;
  const outcome = toOutcome(item, predicted, truncated || isCut);
  if ('error' in outcome || typeof classIndex !== 'number' || HEADS[dimension][classIndex] === predicted)
    return outcome;
  return { id, error: `The scorer gave the label ${outcome.predicted} for class ${classIndex} of ${dimension}.` };
}
