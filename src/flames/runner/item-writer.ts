import { setTimeout as pause } from 'node:timers/promises';
import { Batcher, type Clock } from '../../common/index.js';
import { isPermanent } from '../../database/index.js';
import type { FlamesItemsRepository } from '../tasks/flames-items.repository.js';
import { isAnswerChange, type ItemChange, type ScoreChange } from '../tasks/item-change.js';
import { LostClaimError, type Claim, type TaskClaimsRepository } from '../tasks/task-claims.repository.js';
import type { Budget } from './budget.js';

/** Changes of one transaction at most, and those that may wait before whoever brings more has to wait too. */
const MOST_ROWS = 50;
const MOST_WAITING = 400;
/** `mediumtext` would take more; a statement of 16 MB, as the server allows it, holds fifty of these in Chinese. */
const LONGEST_TEXT = 60_000;
const TRY_AGAIN_MS = 500;
/** `error_message` of an item. */
const LONGEST_MESSAGE = 500;

interface ItemWriterOptions {
  claim: Claim;
  claims: TaskClaimsRepository;
  items: FlamesItemsRepository;
  budget: Budget;
  clock: Clock;
  /** Ends the waiting for a database that is away. */
  signal: AbortSignal;
}

/**
 * The one writer of a task's items. A change is written as soon as the transaction before is done, so what a kill can
 * lose is what came in during one; under load hundreds share a transaction. Each is fenced, and bears a later time than
 * the one before, so that readers of ended items can go by that time.
 */
export class ItemWriter {
  private readonly batcher: Batcher<ItemChange, void>;
  private lastAtMs = 0;
  private waiting = 0;
  private failure: { error: unknown } | undefined;
  private latest: Promise<void> = Promise.resolve();

  constructor(private readonly options: ItemWriterOptions) {
    this.batcher = new Batcher({ most: MOST_ROWS, lanes: 1, work: (changes) => this.write(changes) });
  }

  /** Times of this claim come after those of the claims before it. */
  async open(): Promise<void> {
    const last = await this.options.items.findLastEnd(this.options.claim.taskId);
    this.lastAtMs = last?.getTime() ?? 0;
  }

  /** Returns before the change is written, unless too many wait; throws what an earlier write failed with. */
  async add(change: ItemChange): Promise<void> {
    if (this.failure) throw this.failure.error;
    this.waiting += 1;
    this.latest = this.batcher
      .do(change)
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => (this.waiting -= 1));
    if (this.waiting > MOST_WAITING) await this.flush();
  }

  /** All that was added so far is written. */
  async flush(): Promise<void> {
    await this.latest;
    if (this.failure) throw this.failure.error;
  }

  private async write(changes: ItemChange[]): Promise<PromiseSettledResult<void>[]> {
    await this.store(changes);
    return changes.map(() => ({ status: 'fulfilled', value: undefined }));
  }

  /** One that can never be stored ends as an error of its item, and holds up no other. */
  private async store(changes: ItemChange[]): Promise<void> {
    try {
      await this.storeTogether(changes);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      if (changes.length > 1) for (const change of changes) await this.store([change]);
      else await this.storeTogether(changes.map((change) => toUnstorable(change, error)));
    }
  }

  private async storeTogether(changes: ItemChange[]): Promise<void> {
    const { claim, claims, items, budget, clock } = this.options;
    const at = new Date(Math.max(clock.now().getTime(), this.lastAtMs + 1));
    const answers = changes.filter(isAnswerChange).map(shorten);
    const scores = changes.filter((change): change is ScoreChange => !isAnswerChange(change));
    await this.whileAway(() =>
      claims.transaction(async (transaction) => {
        await claims.fence(transaction, claim, budget.used);
        await items.writeAnswers(transaction, claim.taskId, answers, at);
        await items.writeScores(transaction, claim.taskId, scores, at);
      }),
    );
    this.lastAtMs = at.getTime();
  }

  /** Answers cost money: a database that is away, read-only or full for a while must not lose them. */
  private async whileAway(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof LostClaimError || isPermanent(error) || this.options.signal.aborted) throw error;
        await pause(TRY_AGAIN_MS, undefined, { signal: this.options.signal });
      }
    }
  }
}

/** The report counts what was cut among the truncated ones: its label is that of its beginning. */
function shorten<T extends ItemChange>(change: T): T {
  if (change.kind !== 'answered' || change.text.length <= LONGEST_TEXT) return change;
  return { ...change, text: change.text.slice(0, LONGEST_TEXT), isCut: true };
}

function toUnstorable(change: ItemChange, error: unknown): ItemChange {
  const { id } = change;
  const message = `The database takes this in no way: ${(error as Error).message}`.slice(0, LONGEST_MESSAGE);
  const what = { id, errorClass: 'unstorable', message };
  return isAnswerChange(change)
    ? { kind: 'unanswered', attempts: change.attempts, ...what }
    : { kind: 'unscored', ...what };
}
