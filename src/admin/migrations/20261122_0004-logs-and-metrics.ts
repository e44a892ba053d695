import { createTable, type Migration } from '../../database/index.js';

export const logsAndMetrics: Migration = {
  version: '20261122_0004',
  name: 'logs-and-metrics',
  description: 'Creates system_logs, performance_metrics.',
  steps: () => [systemLogs, performanceMetrics],
};

const systemLogs = createTable(
  'system_logs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  level enum('DEBUG','INFO','WARNING','ERROR','CRITICAL') NOT NULL,
  module varchar(100),
  message text NOT NULL,
  details json,
  admin_user_id bigint,
  task_id varchar(36),
  node_id bigint,
  ip_address varchar(64),
  user_agent text,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expire_on date NOT NULL,
  PRIMARY KEY (id, expire_on),
  KEY ix_system_logs_level_created_at (level, created_at),
  KEY ix_system_logs_module_created_at (module, created_at),
  KEY ix_system_logs_task_id (task_id)`,
  `PARTITION BY RANGE COLUMNS (expire_on) (PARTITION p_future VALUES LESS THAN (MAXVALUE))`,
);

const performanceMetrics = createTable(
  'performance_metrics',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  metric_type enum('system','task','node','api') NOT NULL,
  metric_name varchar(100) NOT NULL,
  metric_value decimal(20,6) NOT NULL,
  unit varchar(64),
  tags json,
  node_id bigint,
  recorded_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id, recorded_at),
  KEY ix_performance_metrics_metric_type_metric_name_recorded_at (metric_type, metric_name, recorded_at),
  KEY ix_performance_metrics_node_id_recorded_at (node_id, recorded_at)`,
  `PARTITION BY RANGE COLUMNS (recorded_at) (PARTITION p_future VALUES LESS THAN (MAXVALUE))`,
);
