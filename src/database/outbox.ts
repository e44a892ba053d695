import { newId } from '../common/index.js';
import type { Executor } from './database.js';
import { fromJson } from './json.js';

/** A change to announce to another database: the owner's full state, in order by `(runNo, stateVersion)` alone. */
export interface OutboxEvent<P = unknown> {
  topic: string;
  /** What the event is about (a task id, a workflow name): a parked event holds up later ones of the same. */
  aggregateId: string;
  runNo: number;
  stateVersion: number;
  payload: P;
}

export interface StoredOutboxEvent<P = unknown> extends OutboxEvent<P> {
  id: string;
  eventId: string;
  createdAt: Date;
  /** Of the payload as text. */
  sizeBytes: number;
}

interface OutboxRow {
  id: string;
  event_id: string;
  topic: string;
  aggregate_id: string;
  run_no: number;
  state_version: number;
  payload: unknown;
  size_bytes: string;
  created_at: Date;
}

/** Writes events inside the transaction whose change they announce: without it they would not be an outbox. */
export async function writeOutbox(transaction: Executor, events: OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  await transaction.run('INSERT INTO outbox (event_id, topic, aggregate_id, run_no, state_version, payload) VALUES ?', [
    events.map(({ topic, aggregateId, runNo, stateVersion, payload }) => [
      newId(),
      topic,
      aggregateId,
      runNo,
      stateVersion,
      JSON.stringify(payload),
    ]),
  ]);
}

export interface OutboxBacklog {
  pending: number;
  parked: number;
  /** 0 where none waits. */
  oldestSeconds: number;
}

export interface RetentionOptions {
  now: Date;
  keepMs: number;
  limit: number;
}

/** Reads and settles the events of one database's outbox; used by what keeps the databases in step alone. */
export class OutboxReader {
  constructor(
    private readonly database: Executor,
    /** A condition over `outbox o`: rows that stay although they were published long ago. */
    private readonly needed = 'FALSE',
  ) {}

  /** Unpublished ones by `published_at IS NULL`, never by a cursor: a lower id may commit after a higher one. */
  async listPending(topics: string[], limit: number): Promise<StoredOutboxEvent[]> {
    const rows = await this.database.rows<OutboxRow>(
      `SELECT id, event_id, topic, aggregate_id, run_no, state_version, payload, LENGTH(payload) AS size_bytes, created_at
       FROM outbox
       WHERE published_at IS NULL AND parked_at IS NULL AND topic IN (?) ORDER BY id LIMIT ${limit}`,
      [topics],
    );
    return rows.map((row) => ({
      id: row.id,
      eventId: row.event_id,
      topic: row.topic,
      aggregateId: row.aggregate_id,
      runNo: row.run_no,
      stateVersion: row.state_version,
      payload: fromJson(row.payload),
      sizeBytes: Number(row.size_bytes),
      createdAt: row.created_at,
    }));
  }

  /** How long the oldest event has waited to be carried; 0 where none waits. Parked ones wait for a person. */
  async getLagMs(): Promise<number> {
    const [row] = await this.database.rows<{ lagUs: string }>(
      `SELECT COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(created_at), CURRENT_TIMESTAMP(3)), 0) AS lagUs
       FROM outbox WHERE published_at IS NULL AND parked_at IS NULL`,
    );
    return Number(row!.lagUs) / 1_000;
  }

  /** What waits and since when, and what was set aside: rows of the index that the relay reads too. */
  async getBacklog(): Promise<OutboxBacklog> {
    const [counted] = await this.database.rows<{ pending: string; parked: string }>(
      `SELECT COUNT(*) - COUNT(parked_at) AS pending, COUNT(parked_at) AS parked
       FROM outbox WHERE published_at IS NULL`,
    );
    const [oldest] = await this.database.rows<{ ageUs: string }>(
      `SELECT TIMESTAMPDIFF(MICROSECOND, created_at, CURRENT_TIMESTAMP(3)) AS ageUs FROM outbox
       WHERE published_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT 1`,
    );
    const oldestSeconds = Math.max(0, Number(oldest?.ageUs ?? 0) / 1e6);
    return { pending: Number(counted!.pending), parked: Number(counted!.parked), oldestSeconds };
  }

  /** Which of these aggregates hold a parked event; their later ones are parked too. */
  async listParkedAggregates(aggregateIds: string[]): Promise<Set<string>> {
    if (aggregateIds.length === 0) return new Set();
    const rows = await this.database.rows<{ aggregate_id: string }>(
      'SELECT DISTINCT aggregate_id FROM outbox WHERE aggregate_id IN (?) AND parked_at IS NOT NULL',
      [aggregateIds],
    );
    return new Set(rows.map((row) => row.aggregate_id));
  }

  /** Which of these aggregates have events that were not applied on the other side, parked ones among them. */
  async listUnpublishedAggregates(aggregateIds: string[]): Promise<Set<string>> {
    if (aggregateIds.length === 0) return new Set();
    const rows = await this.database.rows<{ aggregate_id: string }>(
      'SELECT DISTINCT aggregate_id FROM outbox WHERE aggregate_id IN (?) AND published_at IS NULL',
      [aggregateIds],
    );
    return new Set(rows.map((row) => row.aggregate_id));
  }

  async markPublished(ids: string[], now: Date): Promise<void> {
    if (ids.length === 0) return;
    await this.database.run('UPDATE outbox SET published_at = ? WHERE id IN (?)', [now, ids]);
  }

  /** Sets an event that can never be applied aside, with its reason, for an operator to see (I6). */
  async park(ids: string[], error: string, now: Date): Promise<void> {
    if (ids.length === 0) return;
    await this.database.run('UPDATE outbox SET parked_at = ?, error = ? WHERE id IN (?) AND published_at IS NULL', [
      now,
      error.slice(0, 2_000),
      ids,
    ]);
  }

  /**
   * Removes at most `limit` of the events that were published longer ago than `keepMs`; how many. Our clock and the
   * database's must agree that they were: one that jumped ahead removes nothing early (I9).
   */
  async removePublished({ now, keepMs, limit }: RetentionOptions): Promise<number> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT o.id FROM outbox o
       WHERE o.published_at < LEAST(?, UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND) AND NOT (${this.needed})
       LIMIT ${limit}`,
      [new Date(now.getTime() - keepMs), keepMs * 1_000],
    );
    if (rows.length === 0) return 0;
    return this.database.run('DELETE FROM outbox WHERE id IN (?)', [rows.map(({ id }) => id)]);
  }
}
