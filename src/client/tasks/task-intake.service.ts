import { Injectable } from '@nestjs/common';
import { Batcher, killPoint, UnavailableError } from '../../common/index.js';
import { InjectDatabase, writeOutbox, type Database, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { QueueLimitsService } from '../quota/queue-limits.service.js';
import { QuotaService, type ChargedUser } from '../quota/quota.service.js';
import { ClientTasksRepository, type NewTask } from './client-tasks.repository.js';
import { toSubmittedView, type SubmittedView } from './task-view.js';
import { toWishEvent } from './task-wish.js';

/** A submit that is ready to be written. */
export interface Submission extends NewTask {
  user: ChargedUser;
  call: KeyedCall | undefined;
}

type Outcome = PromiseSettledResult<Answered<SubmittedView>>;

/** Submits that go into one transaction at most. */
const MOST = 50;
/** Transactions of submits at once: while one waits for the disk, the next is written. */
const LANES = 2;

/**
 * Writes new tasks with all that belongs to them (charge, limits, parameters, event, recorded answer). Submits that
 * arrive together share one transaction, and with it its round trips and its flush to disk; where that cannot be for
 * one of them (a quota used up, a key taken), it gets a transaction and an answer of its own.
 */
@Injectable()
export class TaskIntakeService {
  private readonly batcher = new Batcher<Submission, Answered<SubmittedView>>({
    most: MOST,
    lanes: LANES,
    work: (submissions) => this.takeAll(submissions),
  });

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly idempotency: IdempotencyService,
    private readonly quota: QuotaService,
    private readonly limits: QueueLimitsService,
    private readonly tasks: ClientTasksRepository,
    private readonly signals: Signals,
  ) {}

  /** Once this has returned, the task cannot be lost. Throws 429 for a quota or a limit that is reached. */
  async take(submission: Submission): Promise<Answered<SubmittedView>> {
    return this.announced(await this.idempotency.alone(submission.call, () => this.batcher.do(submission)));
  }

  /** The same for a task that is made within its transaction, from rows that must not change meanwhile. */
  async takeMade(
    call: KeyedCall | undefined,
    make: (transaction: Executor) => Promise<Submission>,
  ): Promise<Answered<SubmittedView>> {
    const answered = await this.idempotency.once(call, async (transaction) => {
      const submission = await make(transaction);
      await this.writeOne(transaction, submission);
      return toSubmittedView(submission.task);
    });
    return this.announced(answered);
  }

  private announced(answered: Answered<SubmittedView>): Answered<SubmittedView> {
    killPoint('submit.committed');
    this.signals.emit('client.outbox');
    return answered;
  }

  /** In halves where not together: one that cannot be taken costs the others little. */
  private async takeAll(submissions: Submission[]): Promise<Outcome[]> {
    if (submissions.length === 1) return Promise.allSettled(submissions.map((only) => this.takeOne(only)));
    const together = await this.tryTogether(submissions);
    if (together) return together;
    const middle = Math.ceil(submissions.length / 2);
    const halves = [submissions.slice(0, middle), submissions.slice(middle)];
    return (await Promise.all(halves.map((half) => this.takeAll(half)))).flat();
  }

  private takeOne(submission: Submission): Promise<Answered<SubmittedView>> {
    return this.idempotency.onceAlone(submission.call, async (transaction) => {
      await this.writeOne(transaction, submission);
      return toSubmittedView(submission.task);
    });
  }

  /** Undefined where nothing was written, since it would not do for one of them. */
  private async tryTogether(submissions: Submission[]): Promise<Outcome[] | undefined> {
    try {
      await this.database.transaction((transaction) => this.writeTogether(transaction, submissions));
      return submissions.map(({ task }) => {
        return { status: 'fulfilled', value: { answer: toSubmittedView(task), isReplayed: false } };
      });
    } catch (error) {
      if (!(error instanceof UnavailableError)) return undefined;
      // Whether the server had committed is not known then, so that nothing may be written again.
      return submissions.map(() => ({ status: 'rejected', reason: error }));
    }
  }

  private async writeOne(transaction: Executor, submission: Submission): Promise<void> {
    const { user, task } = submission;
    await this.quota.charge(transaction, user, task);
    await this.write(transaction, [submission]);
  }

  private async writeTogether(transaction: Executor, submissions: Submission[]): Promise<void> {
    // Keys first: who waits for one must hold no lock that the transaction which has it needs.
    const answers = submissions.flatMap(({ call, task }) => (call ? [{ call, answer: toSubmittedView(task) }] : []));
    if (!(await this.idempotency.record(transaction, answers))) throw new NotTogetherError();
    const runs = submissions.map(({ user, task }) => ({ user, run: task }));
    if (!(await this.quota.tryCharge(transaction, runs))) throw new NotTogetherError();
    await this.write(transaction, submissions);
  }

  private async write(transaction: Executor, submissions: Submission[]): Promise<void> {
    await this.limits.admit(
      transaction,
      submissions.map(({ user }) => user.clientId),
    );
    await this.tasks.insert(transaction, submissions);
    await writeOutbox(
      transaction,
      submissions.map(({ task }) => toWishEvent(task)),
    );
  }
}

/** Ends a transaction of many that holds one which needs its own. */
class NotTogetherError extends Error {}
