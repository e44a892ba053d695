import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { fromJson, InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { TaskStatus, TaskType } from '../../shared/index.js';

/** A task whose end somebody wants to hear of, with the address to tell it to. */
export interface AnnouncedTask {
  taskId: string;
  clientId: string;
  url: string;
  runNo: number;
  status: TaskStatus;
  taskType: TaskType;
  workflowName: string;
  batchId: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  createdAt: Date;
  completedAt: Date | null;
  files: string;
}

export interface NewDelivery {
  deliveryId: string;
  clientId: string;
  taskId: string;
  runNo: number;
  event: string;
  url: string;
  payload: unknown;
}

export interface DeliveryRecord {
  deliveryId: string;
  taskId: string;
  runNo: number;
  event: string;
  url: string;
  attemptCount: number;
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  deliveredAt: Date | null;
  failedAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: Date;
}

/** A message to be sent now. */
export interface DueDelivery {
  id: string;
  deliveryId: string;
  clientId: string;
  url: string;
  payload: unknown;
  attemptCount: number;
  /** Sealed; null where the user has removed the webhook. */
  webhookSecret: string | null;
}

const COLUMNS = `delivery_id AS deliveryId, task_id AS taskId, run_no AS runNo, event, url,
  attempt_count AS attemptCount, next_attempt_at AS nextAttemptAt, last_attempt_at AS lastAttemptAt,
  delivered_at AS deliveredAt, failed_at AS failedAt, last_status AS lastStatus, last_error AS lastError,
  created_at AS createdAt`;
const IS_OPEN = 'delivered_at IS NULL AND failed_at IS NULL';

/** SQL of messages to users' addresses. */
@Injectable()
export class WebhookDeliveriesRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Of these rows, those whose user wants to be told; read in the transaction that has just ended them. */
  listAnnounced(executor: Executor, taskRowIds: string[]): Promise<AnnouncedTask[]> {
    return executor.rows(
      `SELECT t.task_id AS taskId, t.client_id AS clientId, COALESCE(t.webhook_url, u.webhook_url) AS url,
         t.run_no AS runNo, t.status, t.task_type AS taskType, t.workflow_name AS workflowName, t.batch_id AS batchId,
         t.error_code AS errorCode, t.error_message AS errorMessage, t.created_at AS createdAt,
         t.completed_at AS completedAt,
         (SELECT COUNT(*) FROM client_task_results r WHERE r.task_id = t.id AND r.run_no = t.run_no) AS files
       FROM client_tasks t JOIN client_users u ON u.client_id = t.client_id
       WHERE t.id IN (?) AND u.webhook_secret IS NOT NULL AND COALESCE(t.webhook_url, u.webhook_url) IS NOT NULL`,
      [taskRowIds],
    );
  }

  /** Each event of a run once: a second one changes nothing. */
  async insert(executor: Executor, deliveries: NewDelivery[], now: Date): Promise<void> {
    await executor.run(
      `INSERT INTO webhook_deliveries (delivery_id, client_id, task_id, run_no, event, url, payload, next_attempt_at)
       VALUES ? ON DUPLICATE KEY UPDATE run_no = VALUES(run_no)`,
      [
        deliveries.map((delivery) => [
          ...[delivery.deliveryId, delivery.clientId, delivery.taskId, delivery.runNo, delivery.event, delivery.url],
          JSON.stringify(delivery.payload),
          now,
        ]),
      ],
    );
  }

  /** The longest due first; not those of users who are being served, nor those that are on their way. */
  async listDue(now: Date, except: { clientIds: string[]; ids: string[] }, limit: number): Promise<DueDelivery[]> {
    const { clientIds, ids } = except;
    const rows = await this.database.rows<DueDelivery>(
      `SELECT d.id, d.delivery_id AS deliveryId, d.client_id AS clientId, d.url, d.payload,
         d.attempt_count AS attemptCount, u.webhook_secret AS webhookSecret
       FROM webhook_deliveries d LEFT JOIN client_users u ON u.client_id = d.client_id
       WHERE d.delivered_at IS NULL AND d.failed_at IS NULL AND d.next_attempt_at <= ?
         ${clientIds.length > 0 ? 'AND d.client_id NOT IN (?)' : ''} ${ids.length > 0 ? 'AND d.id NOT IN (?)' : ''}
       ORDER BY d.next_attempt_at LIMIT ?`,
      [now, ...(clientIds.length > 0 ? [clientIds] : []), ...(ids.length > 0 ? [ids] : []), limit],
    );
    return rows.map((row) => ({ ...row, payload: fromJson(row.payload) }));
  }

  /** Counts a try before it is made, so that a process that dies in it leaves the next one to come by itself. */
  async claim({ id, attemptCount }: DueDelivery, now: Date, nextAttemptAt: Date): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE webhook_deliveries SET attempt_count = attempt_count + 1, last_attempt_at = ?, next_attempt_at = ?
       WHERE id = ? AND attempt_count = ? AND ${IS_OPEN} AND next_attempt_at <= ?`,
      [now, nextAttemptAt, id, attemptCount, now],
    );
    return changed === 1;
  }

  /** Only while it is still the same try: a replay that came meanwhile stands. */
  async settle(
    id: string,
    attempt: number,
    outcome: Pick<DeliveryRecord, 'deliveredAt' | 'failedAt' | 'nextAttemptAt' | 'lastStatus' | 'lastError'>,
  ): Promise<void> {
    await this.database.run(
      `UPDATE webhook_deliveries
       SET delivered_at = ?, failed_at = ?, next_attempt_at = ?, last_status = ?, last_error = ?
       WHERE id = ? AND attempt_count = ? AND ${IS_OPEN}`,
      [
        outcome.deliveredAt,
        outcome.failedAt,
        outcome.nextAttemptAt,
        outcome.lastStatus,
        outcome.lastError,
        id,
        attempt,
      ],
    );
  }

  async list(clientId: string, { limit, offset }: { limit: number; offset: number }): Promise<Page<DeliveryRecord>> {
    const [items, [count]] = await Promise.all([
      this.database.rows<DeliveryRecord>(
        `SELECT ${COLUMNS} FROM webhook_deliveries WHERE client_id = ? ORDER BY id DESC LIMIT ? OFFSET ?`,
        [clientId, limit, offset],
      ),
      this.database.rows<{ total: string }>('SELECT COUNT(*) AS total FROM webhook_deliveries WHERE client_id = ?', [
        clientId,
      ]),
    ]);
    return { items, total: Number(count?.total ?? 0) };
  }

  async find(clientId: string, deliveryId: string): Promise<DeliveryRecord | undefined> {
    const [delivery] = await this.database.rows<DeliveryRecord>(
      `SELECT ${COLUMNS} FROM webhook_deliveries WHERE delivery_id = ? AND client_id = ?`,
      [deliveryId, clientId],
    );
    return delivery;
  }

  /** Due now, with all its tries before it, at the address that counts today; false where there is none. */
  async reopen(clientId: string, deliveryId: string, now: Date): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE webhook_deliveries d JOIN client_users u ON u.client_id = d.client_id
         LEFT JOIN client_tasks t ON t.task_id = d.task_id
       SET d.url = COALESCE(t.webhook_url, u.webhook_url, d.url), d.attempt_count = 0, d.next_attempt_at = ?,
         d.delivered_at = NULL, d.failed_at = NULL
       WHERE d.delivery_id = ? AND d.client_id = ?`,
      [now, deliveryId, clientId],
    );
    return changed === 1;
  }
}
