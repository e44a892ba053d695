import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { KeyedCall } from './keyed-call.js';

export interface KnownCall {
  bodyHash: string;
  isDone: boolean;
  answer: unknown;
}

/** `until`: when the call's own mark expires, by which it is known. */
export interface MarkedAnswer {
  until: Date;
  keptUntil: Date;
  answer: unknown;
}

const THIS_CALL = 'client_id = ? AND route = ? AND idempotency_key = ?';

/** SQL of the answers that repeated calls get again (I18). */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** The keys of those of these calls that were made before; one OR for each, which the index answers. */
  async listKnownKeys(executor: Executor, calls: KeyedCall[]): Promise<Set<string>> {
    const rows = await executor.rows<{ known: string }>(
      `SELECT idempotency_key AS known FROM idempotency_keys WHERE ${calls.map(() => `(${THIS_CALL})`).join(' OR ')}`,
      calls.flatMap(({ clientId, route, key }) => [clientId, route, key]),
    );
    return new Set(rows.map(({ known }) => known));
  }

  /** Calls that are done in this transaction, with their answers; how many had their key free. */
  insertDone(executor: Executor, calls: { call: KeyedCall; answer: unknown }[], expiresAt: Date): Promise<number> {
    return executor.run(
      `INSERT IGNORE INTO idempotency_keys (client_id, route, idempotency_key, body_hash, state, status_code, answer,
         expires_at) VALUES ?`,
      [
        calls.map(({ call: { clientId, route, key, bodyHash }, answer }) => [
          ...[clientId, route, key, bodyHash, 'done', 200, JSON.stringify(answer)],
          expiresAt,
        ]),
      ],
    );
  }

  /** False where the key is taken; a call that has not committed yet is waited for. */
  async insert(executor: Executor, { clientId, route, key, bodyHash }: KeyedCall, expiresAt: Date): Promise<boolean> {
    const inserted = await executor.run(
      `INSERT IGNORE INTO idempotency_keys (client_id, route, idempotency_key, body_hash, state, expires_at)
       VALUES (?, ?, ?, ?, 'in_flight', ?)`,
      [clientId, route, key, bodyHash, expiresAt],
    );
    return inserted === 1;
  }

  /** True where it was taken by a call of long ago, and is free now. */
  async removeExpired({ clientId, route, key }: KeyedCall, now: Date): Promise<boolean> {
    const removed = await this.database.run(`DELETE FROM idempotency_keys WHERE ${THIS_CALL} AND expires_at <= ?`, [
      ...[clientId, route, key],
      now,
    ]);
    return removed === 1;
  }

  async removeAllExpired(now: Date, limit: number): Promise<number> {
    return this.database.run(`DELETE FROM idempotency_keys WHERE expires_at <= ? LIMIT ${limit}`, [now]);
  }

  async finish(executor: Executor, { clientId, route, key }: KeyedCall, answer: unknown): Promise<void> {
    await executor.run(`UPDATE idempotency_keys SET state = 'done', status_code = 200, answer = ? WHERE ${THIS_CALL}`, [
      JSON.stringify(answer),
      clientId,
      route,
      key,
    ]);
  }

  /** The same for a call that was marked before its work began; false where its mark expired and another took it. */
  async finishMarked(
    executor: Executor,
    call: KeyedCall,
    { until, keptUntil, answer }: MarkedAnswer,
  ): Promise<boolean> {
    const finished = await executor.run(
      `UPDATE idempotency_keys SET state = 'done', status_code = 200, answer = ?, expires_at = ?
       WHERE ${THIS_CALL} AND state = 'in_flight' AND expires_at = ?`,
      [JSON.stringify(answer), keptUntil, call.clientId, call.route, call.key, until],
    );
    return finished === 1;
  }

  /** Takes back a call's own mark. */
  async unmark({ clientId, route, key }: KeyedCall, until: Date): Promise<void> {
    await this.database.run(
      `DELETE FROM idempotency_keys WHERE ${THIS_CALL} AND state = 'in_flight' AND expires_at = ?`,
      [clientId, route, key, until],
    );
  }

  async find({ clientId, route, key }: KeyedCall): Promise<KnownCall | undefined> {
    const [row] = await this.database.rows<{ body_hash: string; state: string; answer: unknown }>(
      `SELECT body_hash, state, answer FROM idempotency_keys WHERE ${THIS_CALL}`,
      [clientId, route, key],
    );
    return row && { bodyHash: row.body_hash, isDone: row.state === 'done', answer: fromJson(row.answer) };
  }
}
