import { ApiKey } from './api-key.entity.js';
import { ClientAccessLog } from './client-access-log.entity.js';
import { ClientOutboxEvent } from './client-outbox-event.entity.js';
import { ClientSession } from './client-session.entity.js';
import { ClientTask } from './client-task.entity.js';
import { ClientTaskParameter } from './client-task-parameter.entity.js';
import { ClientTaskResult } from './client-task-result.entity.js';
import { ClientUpload } from './client-upload.entity.js';
import { ClientUser } from './client-user.entity.js';
import { ClientWorkflowVersion } from './client-workflow-version.entity.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { QuotaLedgerEntry } from './quota-ledger-entry.entity.js';
import { RefreshToken } from './refresh-token.entity.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';

/** Every table of this database, listed for the data source; a migration makes them. */
export const CLIENT_ENTITIES = [
  ApiKey,
  ClientAccessLog,
  ClientOutboxEvent,
  ClientSession,
  ClientTask,
  ClientTaskParameter,
  ClientTaskResult,
  ClientUpload,
  ClientUser,
  ClientWorkflowVersion,
  IdempotencyKey,
  QuotaLedgerEntry,
  RefreshToken,
  WebhookDelivery,
];
