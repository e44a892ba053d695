import type { Migration } from '../../database/index.js';
import { usersAndSessions } from './20261122_0001-users-and-sessions.js';
import { tasksAndQuota } from './20261122_0002-tasks-and-quota.js';
import { outboxAndCopies } from './20261122_0003-outbox-and-copies.js';
import { accessLogs } from './20261122_0004-access-logs.js';
import { eventsAndWebhooks } from './20261122_0005-events-and-webhooks.js';
import { taskInputs } from './20261122_0006-task-inputs.js';
import { accessLogStatistics } from './20261122_0007-access-log-statistics.js';

/** In the order in which they run. */
export const CLIENT_MIGRATIONS: Migration[] = [
  usersAndSessions,
  tasksAndQuota,
  outboxAndCopies,
  accessLogs,
  eventsAndWebhooks,
  taskInputs,
  accessLogStatistics,
];
