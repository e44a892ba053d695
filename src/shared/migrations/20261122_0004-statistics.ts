import { createTable, type Migration } from '../../database/index.js';

export const statistics: Migration = {
  version: '20261122_0004',
  name: 'statistics',
  description: 'Creates system_statistics, hourly_statistics, task_queue_status.',
  steps: () => [systemStatistics, hourlyStatistics, taskQueueStatus],
};

const systemStatistics = createTable(
  'system_statistics',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  stat_date date NOT NULL,
  total_tasks int NOT NULL DEFAULT 0,
  completed_tasks int NOT NULL DEFAULT 0,
  failed_tasks int NOT NULL DEFAULT 0,
  client_tasks int NOT NULL DEFAULT 0,
  admin_tasks int NOT NULL DEFAULT 0,
  text_to_image_tasks int NOT NULL DEFAULT 0,
  image_to_video_tasks int NOT NULL DEFAULT 0,
  total_processing_time bigint NOT NULL DEFAULT 0,
  average_processing_time decimal(10,2) NOT NULL DEFAULT 0.00,
  active_nodes int NOT NULL DEFAULT 0,
  total_file_size bigint NOT NULL DEFAULT 0,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_system_statistics_stat_date (stat_date)`,
);

const hourlyStatistics = createTable(
  'hourly_statistics',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  stat_hour datetime(3) NOT NULL,
  task_type varchar(64) NOT NULL,
  workflow_name varchar(100) NOT NULL,
  node_id varchar(100) NOT NULL DEFAULT '',
  source_type varchar(64) NOT NULL DEFAULT '',
  submitted int NOT NULL DEFAULT 0,
  completed int NOT NULL DEFAULT 0,
  failed int NOT NULL DEFAULT 0,
  cancelled int NOT NULL DEFAULT 0,
  wait_ms_total bigint NOT NULL DEFAULT 0,
  run_ms_total bigint NOT NULL DEFAULT 0,
  wait_histogram json,
  run_histogram json,
  file_bytes bigint NOT NULL DEFAULT 0,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_hourly_statistics_hour_and_group (stat_hour, task_type, workflow_name, node_id, source_type)`,
);

const taskQueueStatus = createTable(
  'task_queue_status',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  task_id varchar(36) NOT NULL,
  queue_name varchar(100) NOT NULL,
  status enum('pending','started','retry','failure','success') NOT NULL,
  result text,
  traceback text,
  worker varchar(100),
  retries int NOT NULL DEFAULT 0,
  eta datetime(3) NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_task_queue_status_task_id (task_id),
  KEY ix_task_queue_status_queue_name_status (queue_name, status)`,
);
