import type { Migration } from '../../database/index.js';
import { usersAndSettings } from './20261122_0001-users-and-settings.js';
import { nodesAndWorkflows } from './20261122_0002-nodes-and-workflows.js';
import { outboxJobsAndAudit } from './20261122_0003-outbox-jobs-and-audit.js';
import { logsAndMetrics } from './20261122_0004-logs-and-metrics.js';
import { nodeDrains } from './20261122_0005-node-drains.js';
import { secondFactors } from './20261122_0006-second-factors.js';
import { edits } from './20261122_0007-edits.js';
import { logReads } from './20261122_0008-log-reads.js';
import { metricMinutes } from './20261122_0009-metric-minutes.js';
import { jobRunTokens } from './20261122_0010-job-run-tokens.js';

/** In the order in which they run. */
export const ADMIN_MIGRATIONS: Migration[] = [
  usersAndSettings,
  nodesAndWorkflows,
  outboxJobsAndAudit,
  logsAndMetrics,
  nodeDrains,
  secondFactors,
  edits,
  logReads,
  metricMinutes,
  jobRunTokens,
];
