import { createTable, type Migration } from '../../database/index.js';

export const outboxJobsAndAudit: Migration = {
  version: '20261122_0003',
  name: 'outbox-jobs-and-audit',
  description: 'Creates outbox, job_runs, audit_logs.',
  steps: () => [outbox, jobRuns, auditLogs],
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

const jobRuns = createTable(
  'job_runs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  job_name varchar(100) NOT NULL,
  run_key varchar(100) NOT NULL,
  status enum('running','done','failed') NOT NULL,
  started_at datetime(3) NOT NULL,
  finished_at datetime(3) NULL,
  duration_ms int,
  owner char(36),
  result json,
  error text,
  PRIMARY KEY (id),
  UNIQUE KEY uq_job_runs_job_name_run_key (job_name, run_key),
  KEY ix_job_runs_job_name_started_at (job_name, started_at)`,
);

const auditLogs = createTable(
  'audit_logs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  admin_user_id bigint,
  actor varchar(100) NOT NULL,
  action varchar(100) NOT NULL,
  target_type varchar(64),
  target_id varchar(100),
  before_state json,
  after_state json,
  ip_address varchar(64),
  user_agent text,
  request_id varchar(64),
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  KEY ix_audit_logs_created_at (created_at),
  KEY ix_audit_logs_target_type_target_id (target_type, target_id),
  KEY ix_audit_logs_action_created_at (action, created_at)`,
);
