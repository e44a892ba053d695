import { createTable, type Migration } from '../../database/index.js';

export const metricMinutes: Migration = {
  version: '20261122_0009',
  name: 'metric-minutes',
  description: 'Creates metric_minutes, and lets performance_metrics be read by time alone.',
  steps: () => [
    createTable(
      'metric_minutes',
      `
  source varchar(64) NOT NULL,
  recorded_at datetime(3) NOT NULL,
  PRIMARY KEY (source, recorded_at),
  KEY ix_metric_minutes_recorded_at (recorded_at)`,
    ),
    {
      up: `ALTER TABLE performance_metrics ADD INDEX ix_performance_metrics_recorded_at (recorded_at),
           ALGORITHM=INPLACE, LOCK=NONE`,
      down: `ALTER TABLE performance_metrics DROP INDEX ix_performance_metrics_recorded_at,
             ALGORITHM=INPLACE, LOCK=NONE`,
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'performance_metrics' AND index_name = 'ix_performance_metrics_recorded_at'`,
    },
  ],
};
