import { Inject, Injectable } from '@nestjs/common';
import { Batcher, killPoint, LOGGER, UnavailableError, type Logger } from '../../common/index.js';
import { InjectDatabase, writeOutbox, type Database, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { QueueLimitsService } from '../quota/queue-limits.service.js';
import { QuotaService, type ChargedUser, type UserRun } from '../quota/quota.service.js';
import { ClientTasksRepository, type NewTask } from './client-tasks.repository.js';
import { toSubmittedView, type SubmittedView } from './task-view.js';
import { toWishEvent } from './task-wish.js';

/** A submit that is ready to be written. */
export interface Submission extends NewTask {
  user: ChargedUser;
  call: KeyedCall | undefined;
}

type Answer = Answered<SubmittedView>;

/** Whether a transaction waits for rows of users that another one holds, or goes without these users. */
interface Waiting {
  isWaiting: boolean;
}

/** Submits that go into one transaction at most, and that wait for one at most. */
const MOST = 50;
const MOST_WAITING = 1_000;

/**
 * Writes new tasks with all that belongs to them (charge, limits, parameters, event, recorded answer). Submits that
 * arrive together share one transaction, and with it its round trips and its flush to disk. Who would be refused, or
 * would have to wait for another transaction, is left out of it: such submits go user by user, and no other user
 * waits for them.
 */
@Injectable()
export class TaskIntakeService {
  private readonly batcher = new Batcher<Submission, Answer>({
    most: MOST,
    // Two at once would leave each other's users out.
    lanes: 1,
    mostWaiting: MOST_WAITING,
    work: (submissions) => this.takeAll(submissions),
  });

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly idempotency: IdempotencyService,
    private readonly quota: QuotaService,
    private readonly limits: QueueLimitsService,
    private readonly tasks: ClientTasksRepository,
    private readonly signals: Signals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Once this has returned, the task cannot be lost. Throws 429 for a quota or a limit that is reached. */
  async take(submission: Submission): Promise<Answer> {
    return this.announced(await this.idempotency.alone(submission.call, () => this.batcher.do(submission)));
  }

  /** The same for a task that is made within its transaction, from rows that must not change meanwhile. */
  async takeMade(call: KeyedCall | undefined, make: (transaction: Executor) => Promise<Submission>): Promise<Answer> {
    const answered = await this.idempotency.once(call, async (transaction) => {
      const submission = await make(transaction);
      await this.writeOne(transaction, submission);
      return toSubmittedView(submission.task);
    });
    return this.announced(answered);
  }

  private announced(answered: Answer): Answer {
    killPoint('submit.committed');
    this.signals.emit('client.outbox');
    return answered;
  }

  private async takeAll(submissions: Submission[]): Promise<PromiseSettledResult<Answer | Promise<Answer>>[]> {
    const written = await this.tryTogether(submissions, { isWaiting: false });
    const apart = this.takeApart(submissions.filter((submission) => !written.has(submission)));
    return submissions.map((submission) => {
      return { status: 'fulfilled', value: apart.get(submission) ?? answerTo(submission) };
    });
  }

  /** Each user's share a transaction once more, which waits for the user's row; what is left then goes one by one. */
  private takeApart(submissions: Submission[]): Map<Submission, Promise<Answer>> {
    const answers = new Map<Submission, Promise<Answer>>();
    for (const own of groupByUser(submissions)) {
      const together =
        own.length > 1 ? this.tryTogether(own, { isWaiting: true }) : Promise.resolve(new Set<Submission>());
      let before: Promise<unknown> = Promise.resolve();
      for (const submission of own) {
        const answer = Promise.all([together, before]).then(([written]) =>
          written.has(submission) ? answerTo(submission) : this.takeOne(submission),
        );
        before = answer.catch(() => undefined);
        answers.set(submission, answer);
      }
    }
    return answers;
  }

  private takeOne(submission: Submission): Promise<Answer> {
    return this.idempotency.onceAlone(submission.call, async (transaction) => {
      await this.writeOne(transaction, submission);
      return toSubmittedView(submission.task);
    });
  }

  /** Those that were written. Throws where that cannot be known: nothing may be written again then. */
  private async tryTogether(submissions: Submission[], how: Waiting): Promise<Set<Submission>> {
    let written: Submission[] = [];
    let isCommitting = false;
    try {
      const work = async (transaction: Executor) => {
        written = await this.writeTogether(transaction, submissions, how);
        isCommitting = true;
      };
      await this.database.transaction(work, { tries: 1 });
      return new Set(written);
    } catch (error) {
      if (isCommitting && error instanceof UnavailableError) throw error;
      this.logger.debug({ err: error, submits: submissions.length }, 'submits could not share a transaction');
      this.limits.forgetCounts();
      return new Set();
    }
  }

  private async writeOne(transaction: Executor, submission: Submission): Promise<void> {
    const { user, task } = submission;
    await this.quota.charge(transaction, user, task);
    await this.write(transaction, [submission]);
  }

  private async writeTogether(transaction: Executor, all: Submission[], how: Waiting): Promise<Submission[]> {
    const submissions = await this.leaveOut(transaction, all, how);
    if (submissions.length === 0) return [];
    const answers = submissions.flatMap(({ call, task }) => (call ? [{ call, answer: toSubmittedView(task) }] : []));
    if (!(await this.idempotency.record(transaction, answers))) throw new NotTogetherError('a key was taken');
    if (!(await this.quota.tryCharge(transaction, submissions.map(toRun))))
      throw new NotTogetherError('a quota is used');
    await this.write(transaction, submissions);
    return submissions;
  }

  /** Without repetitions, users whose quota does not suffice and, unless waiting, users whose row is held by others. */
  private async leaveOut(transaction: Executor, submissions: Submission[], how: Waiting): Promise<Submission[]> {
    const newCalls = await this.idempotency.listNew(
      transaction,
      submissions.flatMap(({ call }) => call ?? []),
    );
    const fresh = submissions.filter(({ call }) => !call || newCalls.has(call));
    if (fresh.length === 0) return [];
    const chargeable = await this.quota.listChargeable(transaction, fresh.map(toRun), how);
    return fresh.filter(({ user }) => chargeable.has(user.clientId));
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

function answerTo({ task }: Submission): Answer {
  return { answer: toSubmittedView(task), isReplayed: false };
}

function groupByUser(submissions: Submission[]): Submission[][] {
  const groups = new Map<string, Submission[]>();
  for (const submission of submissions) {
    const { clientId } = submission.user;
    groups.set(clientId, [...(groups.get(clientId) ?? []), submission]);
  }
  return [...groups.values()];
}

function toRun({ user, task }: Submission): UserRun {
  return { user, run: task };
}

/** Ends a transaction of many, where one of them turned out to need its own. */
class NotTogetherError extends Error {}
