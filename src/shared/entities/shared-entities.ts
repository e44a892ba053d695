import { Blob } from './blob.entity.js';
import { BlobRendition } from './blob-rendition.entity.js';
import { DailyRollup } from './daily-rollup.entity.js';
import { DailyStatistic } from './daily-statistic.entity.js';
import { GlobalFile } from './global-file.entity.js';
import { GlobalTask } from './global-task.entity.js';
import { GlobalTaskParameter } from './global-task-parameter.entity.js';
import { GlobalTaskResult } from './global-task-result.entity.js';
import { HourlyStatistic } from './hourly-statistic.entity.js';
import { Lease } from './lease.entity.js';
import { NodeTaskAssignment } from './node-task-assignment.entity.js';
import { SharedOutboxEvent } from './shared-outbox-event.entity.js';
import { StatisticsMark } from './statistics-mark.entity.js';
import { StorageStatistic } from './storage-statistic.entity.js';
import { StoreIdentity } from './store-identity.entity.js';
import { SystemStatistic } from './system-statistic.entity.js';
import { TaskQueueStatus } from './task-queue-status.entity.js';
import { UserStatistic } from './user-statistic.entity.js';
import { WorkflowVersion } from './workflow-version.entity.js';

/** Every table of this database, listed for the data source; a migration makes them. */
export const SHARED_ENTITIES = [
  Blob,
  BlobRendition,
  DailyRollup,
  DailyStatistic,
  GlobalFile,
  GlobalTask,
  GlobalTaskParameter,
  GlobalTaskResult,
  HourlyStatistic,
  Lease,
  NodeTaskAssignment,
  SharedOutboxEvent,
  StatisticsMark,
  StorageStatistic,
  StoreIdentity,
  SystemStatistic,
  TaskQueueStatus,
  UserStatistic,
  WorkflowVersion,
];
