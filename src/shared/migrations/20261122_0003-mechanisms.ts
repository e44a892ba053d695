import { createTable, type Migration } from '../../database/index.js';

export const mechanisms: Migration = {
  version: '20261122_0003',
  name: 'mechanisms',
  description: 'Creates outbox, leases, workflow_versions.',
  steps: () => [outbox, leases, workflowVersions],
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

const leases = createTable(
  'leases',
  `
  name varchar(100) NOT NULL,
  owner char(36),
  token bigint NOT NULL DEFAULT 0,
  renewals bigint NOT NULL DEFAULT 0,
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (name),
  KEY ix_leases_owner (owner)`,
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
