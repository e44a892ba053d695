import { tryPlainCases } from '../scoring/check-scorer.js';
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
import { waitOnce } from './wait-once.js';

/** So many given up one after the other, and none ever scored: each takes time, and the others would fare no better. */
const MOST_GIVEN_UP = 20;

type Fault = ScorerUnavailableError | ScorerRefusedError;

/**
 * Scores the batches of one run. An answer on which the scorer fails again and again, each time right after it scored
 * plain cases, becomes an error of its item: it neither holds up the others nor fails the task.
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

  /** The outcomes; or the fault, where it is due to what is in the batch; undefined where the run was halted. */
  private async scoreTogether(batch: AnsweredItem[]): Promise<ScoreOutcome[] | Fault | undefined> {
    const { pauses, halt, logger, claim } = this.run;
    // A batch that fails is scored answer by answer, which blames none of them: it need not be sure.
    const blameMs = pauses.blameMs.slice(0, batch.length > 1 ? 1 : undefined);
    for (let failures = 0; ; failures += 1) {
      const scored = await untilScorerIsBack(this.run, () => this.tryTogether(batch));
      if (scored === undefined || Array.isArray(scored)) return scored;
      const isRefused = scored instanceof ItemsRefusedError;
      if (failures >= (isRefused ? 1 : blameMs.length)) {
        const { reason } = scored;
        logger.warn({ taskId: claim.taskId, items: batch.length, reason }, 'the scorer fails on some answers alone');
        return scored;
      }
      if (!isRefused) await waitOnce(blameMs[failures]!, halt);
      if (halt.aborted || !(await this.plainCasesAreScored(batch))) return undefined;
    }
  }

  /** A fault that may be due to what is in the batch is returned; all others are thrown. */
  private async tryTogether(batch: AnsweredItem[]): Promise<ScoreOutcome[] | Fault> {
    const { scorer, abort } = this.run;
    try {
      return await scorer.score(
        batch.map(({ id, ...item }) => ({ id: String(id), ...item })),
        abort,
      );
    } catch (error) {
      const isDueToItems = error instanceof ItemsRefusedError || error instanceof ScorerUnavailableError;
      if (!isDueToItems || error instanceof ScorerBusyError) throw error;
      return error;
    }
  }

  /** Waits as long as it takes: a failure right behind it is not the scorer's. */
  private async plainCasesAreScored(batch: AnsweredItem[]): Promise<boolean> {
    const { scorer, abort } = this.run;
    const dimensions = batch.map(({ dimension }) => dimension);
    const done = await untilScorerIsBack(this.run, async () => {
      await tryPlainCases(scorer, dimensions, abort);
      return true;
    });
    return done === true;
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
