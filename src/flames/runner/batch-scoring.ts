import { tryPlainCase } from '../scoring/check-scorer.js';
import {
  ItemsRefusedError,
  ScorerBusyError,
  ScorerUnavailableError,
  type ScoreOutcome,
  type ScorerRefusedError,
} from '../scoring/scorer.js';
import type { AnsweredItem } from '../tasks/flames-items.repository.js';
import type { ScoreChange } from '../tasks/item-change.js';
import type { RunContext } from './run-context.js';
import { TaskFailure } from './task-failure.js';
import { untilScorerIsBack } from './until-scorer-is-back.js';

/** How often the same answers fail, while a plain case is scored, before they are taken to be the reason. */
const MOST_FAILURES = 3;
/** So many given up one after the other, and none ever scored: this scorer takes no answer at all. */
const MOST_GIVEN_UP = 5;

type Fault = ScorerUnavailableError | ScorerRefusedError;

/**
 * Scores the batches of one run. An answer on which the scorer fails, though it scores a plain case at the same moment,
 * becomes an error of its item: it neither holds up the others nor fails the task.
 */
export class BatchScoring {
  private givenUp = 0;

  constructor(private readonly run: RunContext) {}

  /** False where the run was halted while the scorer was away: what is not written then is left to the next run. */
  async score(batch: AnsweredItem[]): Promise<boolean> {
    const scored = await this.scoreTogether(batch);
    if (scored === undefined) return false;
    if (Array.isArray(scored)) await this.write(batch, scored);
    else if (batch.length === 1) await this.giveUp(batch[0]!, scored);
    else for (const item of batch) if (!(await this.score([item]))) return false;
    return true;
  }

  /** The outcomes; or the fault, where it is due to what is in the batch. */
  private scoreTogether(batch: AnsweredItem[]): Promise<ScoreOutcome[] | Fault | undefined> {
    const { scorer, abort, logger, claim } = this.run;
    const requests = batch.map(({ id, ...item }) => ({ id: String(id), ...item }));
    let failures = 0;
    return untilScorerIsBack(this.run, async () => {
      try {
        return await scorer.score(requests, abort);
      } catch (error) {
        const isRefused = error instanceof ItemsRefusedError;
        if (error instanceof ScorerBusyError || !(isRefused || error instanceof ScorerUnavailableError)) throw error;
        await tryPlainCase(scorer, abort);
        failures += 1;
        if (!isRefused && failures < MOST_FAILURES) throw error;
        const { taskId } = claim;
        logger.warn({ taskId, items: batch.length, reason: error.reason }, 'the scorer fails on some answers alone');
        return error;
      }
    });
  }

  private async write(batch: AnsweredItem[], outcomes: ScoreOutcome[]): Promise<void> {
    this.givenUp = 0;
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    for (const { id } of batch) await this.run.writer.add(toChange(id, byId.get(String(id))));
  }

  private async giveUp({ id }: AnsweredItem, fault: Fault): Promise<void> {
    this.givenUp += 1;
    if (this.givenUp >= MOST_GIVEN_UP && !(await this.hasScored()))
      throw new TaskFailure('SCORER_REFUSED', fault.reason, { cause: fault });
    await this.run.writer.add(toChange(id, { id: String(id), error: fault.reason }));
  }

  /** In this run or one before it. */
  private async hasScored(): Promise<boolean> {
    const { writer, items, claim } = this.run;
    await writer.flush();
    return items.hasScored(claim.taskId);
  }
}

/** An answer that the scorer says nothing of would be scored for ever. */
function toChange(id: number, outcome: ScoreOutcome | undefined): ScoreChange {
  if (outcome && 'predicted' in outcome) {
    return { kind: 'scored', id, predicted: outcome.predicted, isTruncated: outcome.truncated };
  }
  const message = (outcome?.error ?? 'The scorer left this answer out.').slice(0, 500);
  return { kind: 'unscored', id, errorClass: 'scorer', message };
}
