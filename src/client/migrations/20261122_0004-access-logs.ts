import { createTable, type Migration } from '../../database/index.js';

export const accessLogs: Migration = {
  version: '20261122_0004',
  name: 'access-logs',
  description: 'Creates client_access_logs.',
  steps: () => [clientAccessLogs],
};

const clientAccessLogs = createTable(
  'client_access_logs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  client_id varchar(36),
  action varchar(100) NOT NULL,
  endpoint varchar(200),
  method varchar(16),
  ip_address varchar(64),
  user_agent text,
  response_time int,
  status_code int,
  request_id varchar(64),
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id, created_at),
  KEY ix_client_access_logs_client_id_created_at (client_id, created_at),
  KEY ix_client_access_logs_action_created_at (action, created_at),
  KEY ix_client_access_logs_created_at (created_at)`,
  `PARTITION BY RANGE COLUMNS (created_at) (PARTITION p_future VALUES LESS THAN (MAXVALUE))`,
);
