import { Injectable } from '@nestjs/common';
import { Clock, ConflictError, InvalidInputError } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import type { KeyedCall } from './keyed-call.js';

/** What a call is answered with, and whether it is the answer of an earlier one. */
export interface Answered<T> {
  answer: T;
  isReplayed: boolean;
}

const KEPT_MS = 24 * 3_600_000;
/** Beyond the longest time that storing an upload takes; a process that dies holds a key for so long. */
const IN_FLIGHT_MS = 60_000;

/** Does what a call asks for once, however often it is repeated within a day (the semantics of Stripe's API). */
@Injectable()
export class IdempotencyService {
  /** Calls that this process is in the middle of; another process's are waited for, by the lock on their row. */
  private readonly underWay = new Set<string>();

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly keys: IdempotencyKeysRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `work` in one transaction with the record of its answer, so that either both are there after a crash or
   * neither (I18). A repeated call gets the answer of the first, and what failed is done anew. Throws 409 with
   * Retry-After while the first is under way (so that many repetitions take no connection each from others), 422 where
   * the key was used for something else.
   */
  once<T>(call: KeyedCall | undefined, work: (transaction: Executor) => Promise<T>): Promise<Answered<T>> {
    return this.alone(call, () => this.onceAlone(call, work));
  }

  /** Refuses repetitions of a call while `work` does it in this process. */
  async alone<T>(call: KeyedCall | undefined, work: () => Promise<T>): Promise<T> {
    if (!call) return work();
    const name = JSON.stringify([call.clientId, call.route, call.key]);
    if (this.underWay.has(name)) throw inFlight();
    this.underWay.add(name);
    try {
      return await work();
    } finally {
      this.underWay.delete(name);
    }
  }

  /** `once` for a caller that is `alone` with its call already. */
  async onceAlone<T>(call: KeyedCall | undefined, work: (transaction: Executor) => Promise<T>): Promise<Answered<T>> {
    if (!call) return { answer: await this.database.transaction(work), isReplayed: false };
    for (;;) {
      const first = await this.tryFirst(call, work);
      if (first) return { ...first, isReplayed: false };
      if (await this.keys.removeExpired(call, this.clock.now())) continue;
      const known = await this.keys.find(call);
      if (known) return { answer: replay<T>(known, call), isReplayed: true };
    }
  }

  /** Those of these calls whose keys nobody has used, as far as can be seen without waiting. */
  async listNew(executor: Executor, calls: KeyedCall[]): Promise<Set<KeyedCall>> {
    if (calls.length === 0) return new Set();
    const known = await this.keys.listKnownKeys(executor, calls);
    return new Set(calls.filter(({ key }) => !known.has(key)));
  }

  /**
   * Records answers of many calls within the transaction that does what they ask for; false where a key is taken, and
   * nothing may be kept then.
   */
  async record(transaction: Executor, calls: { call: KeyedCall; answer: unknown }[]): Promise<boolean> {
    if (calls.length === 0) return true;
    const expiresAt = new Date(this.clock.now().getTime() + KEPT_MS);
    return (await this.keys.insertDone(transaction, calls, expiresAt)) === calls.length;
  }

  /** For work that would look at what may have changed since: the answer of an earlier call, before anything else. */
  async findAnswer<T>(call: KeyedCall | undefined): Promise<Answered<T> | undefined> {
    if (!call || (await this.keys.removeExpired(call, this.clock.now()))) return undefined;
    const known = await this.keys.find(call);
    return known && { answer: replay<T>(known, call), isReplayed: true };
  }

  /** Forgets some of the calls whose day is over; returns how many. */
  forgetExpired(limit: number): Promise<number> {
    return this.keys.removeAllExpired(this.clock.now(), limit);
  }

  /**
   * `once` for work that is more than one transaction: the call is marked as in flight first, for as long as such work
   * ever takes, and `work` records its answer by `finish` in its last transaction. A repetition meanwhile gets 409 with
   * Retry-After; after a crash the mark expires (I18).
   */
  async onceMarked<T>(
    call: KeyedCall | undefined,
    work: (finish: (transaction: Executor, answer: T) => Promise<void>) => Promise<T>,
  ): Promise<Answered<T>> {
    if (!call) return { answer: await work(() => Promise.resolve()), isReplayed: false };
    for (;;) {
      const now = this.clock.now();
      const until = new Date(now.getTime() + IN_FLIGHT_MS);
      if (await this.keys.insert(this.database, call, until)) {
        return { answer: await this.workMarked(call, until, work), isReplayed: false };
      }
      if (await this.keys.removeExpired(call, now)) continue;
      const known = await this.keys.find(call);
      if (known) return { answer: replay<T>(known, call), isReplayed: true };
    }
  }

  private async workMarked<T>(
    call: KeyedCall,
    until: Date,
    work: (finish: (transaction: Executor, answer: T) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(async (transaction, answer) => {
        const keptUntil = new Date(this.clock.now().getTime() + KEPT_MS);
        if (await this.keys.finishMarked(transaction, call, { until, keptUntil, answer })) return;
        throw new ConflictError('The request took too long; its Idempotency-Key was used again.', 'REQUEST_OVERTAKEN');
      });
    } catch (error) {
      await this.keys.unmark(call, until);
      throw error;
    }
  }

  /** Undefined where the key is taken. */
  private tryFirst<T>(
    call: KeyedCall,
    work: (transaction: Executor) => Promise<T>,
  ): Promise<{ answer: T } | undefined> {
    const expiresAt = new Date(this.clock.now().getTime() + KEPT_MS);
    return this.database.transaction(async (transaction) => {
      // Before anything else: who waits for the same key must hold no lock that the first one needs.
      if (!(await this.keys.insert(transaction, call, expiresAt))) return undefined;
      const answer = await work(transaction);
      await this.keys.finish(transaction, call, answer);
      return { answer };
    });
  }
}

function replay<T>(known: { bodyHash: string; isDone: boolean; answer: unknown }, { bodyHash }: KeyedCall): T {
  if (known.bodyHash !== bodyHash) {
    const message = 'This Idempotency-Key was used for another request; take a new one.';
    throw new InvalidInputError([{ field: 'Idempotency-Key', message }], 'IDEMPOTENCY_KEY_REUSED');
  }
  if (known.isDone) return known.answer as T;
  throw inFlight();
}

function inFlight(): ConflictError {
  const message = 'The first request with this Idempotency-Key is still running.';
  return new ConflictError(message, 'REQUEST_IN_FLIGHT', { retryAfterSeconds: 1 });
}
