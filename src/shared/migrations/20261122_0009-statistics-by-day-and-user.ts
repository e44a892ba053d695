import { createTable, type Migration, type MigrationStep } from '../../database/index.js';

const EXACT = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL';

export const statisticsByDayAndUser: Migration = {
  version: '20261122_0009',
  name: 'statistics-by-day-and-user',
  description:
    'Creates daily_statistics, daily_rollups, user_statistics, storage_statistics, statistics_marks; groups hours by exact names.',
  steps: () => [
    {
      // The counts are put together by the application: what it holds apart must be apart here too.
      up: `ALTER TABLE hourly_statistics
             MODIFY COLUMN task_type varchar(64) ${EXACT},
             MODIFY COLUMN workflow_name varchar(100) ${EXACT},
             MODIFY COLUMN node_id varchar(100) ${EXACT} DEFAULT '',
             MODIFY COLUMN source_type varchar(64) ${EXACT} DEFAULT '', ALGORITHM=COPY, LOCK=SHARED`,
      down: `ALTER TABLE hourly_statistics
             MODIFY COLUMN task_type varchar(64) NOT NULL,
             MODIFY COLUMN workflow_name varchar(100) NOT NULL,
             MODIFY COLUMN node_id varchar(100) NOT NULL DEFAULT '',
             MODIFY COLUMN source_type varchar(64) NOT NULL DEFAULT '', ALGORITHM=COPY, LOCK=SHARED`,
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'hourly_statistics' AND column_name = 'source_type' AND collation_name = 'utf8mb4_bin'`,
    },
    {
      // A month by the hour is read from it alone, without the histograms beside.
      up: `ALTER TABLE hourly_statistics ADD INDEX ix_hourly_statistics_sums (stat_hour, task_type, workflow_name, node_id,
             source_type, submitted, completed, failed, cancelled, file_bytes), ALGORITHM=INPLACE, LOCK=NONE`,
      down: 'ALTER TABLE hourly_statistics DROP INDEX ix_hourly_statistics_sums, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'hourly_statistics' AND index_name = 'ix_hourly_statistics_sums'`,
    },
    dailyCounts('daily_statistics'),
    dailyCounts('daily_rollups'),
    userStatistics,
    storageStatistics,
    statisticsMarks,
  ],
};

const userStatistics = createTable(
  'user_statistics',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  stat_date date NOT NULL,
  source_type varchar(64) ${EXACT},
  source_user_id varchar(64) ${EXACT},
  submitted int NOT NULL DEFAULT 0,
  completed int NOT NULL DEFAULT 0,
  failed int NOT NULL DEFAULT 0,
  cancelled int NOT NULL DEFAULT 0,
  run_ms_total bigint NOT NULL DEFAULT 0,
  file_bytes bigint NOT NULL DEFAULT 0,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_user_statistics_date_and_user (stat_date, source_type, source_user_id)`,
);

const storageStatistics = createTable(
  'storage_statistics',
  `
  stat_date date NOT NULL,
  stored_files bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (stat_date)`,
);

const statisticsMarks = createTable(
  'statistics_marks',
  `
  name varchar(64) NOT NULL,
  value bigint NOT NULL,
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (name)`,
);

function dailyCounts(table: string): MigrationStep {
  return createTable(
    table,
    `
  id bigint NOT NULL AUTO_INCREMENT,
  stat_date date NOT NULL,
  task_type varchar(64) ${EXACT},
  workflow_name varchar(100) ${EXACT},
  node_id varchar(100) ${EXACT} DEFAULT '',
  source_type varchar(64) ${EXACT} DEFAULT '',
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
  UNIQUE KEY uq_${table}_date_and_group (stat_date, task_type, workflow_name, node_id, source_type)`,
  );
}
