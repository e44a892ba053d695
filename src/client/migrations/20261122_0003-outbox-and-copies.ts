import { createTable, type Migration } from '../../database/index.js';

export const outboxAndCopies: Migration = {
  version: '20261122_0003',
  name: 'outbox-and-copies',
  description: 'Creates outbox, workflow_versions, idempotency_keys, webhook_deliveries.',
  steps: () => [outbox, workflowVersions, idempotencyKeys, webhookDeliveries],
};

const outbox = createTable(
  'outbox',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  event_id char(36) NOT NULL,
  topic varchar(64) NOT NULL,
  aggregate_id varchar(100) NOT NULL,
  run_no int NOT NULL DEFAULT 0,
  state_version int NOT NULL DEFAULT 0,
  payload json NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  published_at datetime(3) NULL,
  parked_at datetime(3) NULL,
  error text,
  PRIMARY KEY (id),
  UNIQUE KEY uq_outbox_event_id (event_id),
  KEY ix_outbox_published_at_parked_at_id (published_at, parked_at, id),
  KEY ix_outbox_aggregate_id_parked_at (aggregate_id, parked_at)`,
);

const workflowVersions = createTable(
  'workflow_versions',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  workflow_name varchar(100) NOT NULL,
  version int NOT NULL,
  content_hash char(64) NOT NULL,
  definition json NOT NULL,
  published_at datetime(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_workflow_versions_workflow_name_version (workflow_name, version)`,
);

const idempotencyKeys = createTable(
  'idempotency_keys',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  client_id varchar(36) NOT NULL,
  route varchar(100) NOT NULL,
  idempotency_key varchar(200) NOT NULL,
  body_hash char(64) NOT NULL,
  state enum('in_flight','done') NOT NULL,
  status_code int,
  answer json,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expires_at datetime(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_idempotency_keys_client_id_route_idempotency_key (client_id, route, idempotency_key),
  KEY ix_idempotency_keys_expires_at (expires_at)`,
);

const webhookDeliveries = createTable(
  'webhook_deliveries',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  delivery_id char(36) NOT NULL,
  client_id varchar(36) NOT NULL,
  task_id varchar(36) NOT NULL,
  event varchar(64) NOT NULL,
  url varchar(500) NOT NULL,
  payload json NOT NULL,
  attempt_count int NOT NULL DEFAULT 0,
  next_attempt_at datetime(3) NULL,
  delivered_at datetime(3) NULL,
  failed_at datetime(3) NULL,
  last_status int,
  last_error text,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_webhook_deliveries_delivery_id (delivery_id),
  KEY ix_webhook_deliveries_task_id (task_id),
  KEY ix_webhook_deliveries_delivered_at_failed_at_next_attempt_at (delivered_at, failed_at, next_attempt_at)`,
);
