export { ACCESS_LOGS, type AccessLogs } from './logs/access-logs.js';
export { AdminModule } from './admin.module.js';
export { AdminAccountsService } from './accounts/admin-accounts.service.js';
export { OthersAccountsService } from './accounts/others-accounts.service.js';
export { AuditLogsRepository } from './audit/audit-logs.repository.js';
export { AdminAuthService } from './auth/admin-auth.service.js';
export { ADMIN_ROLES, isAtLeast, requireRole, type AdminRole } from './auth/admin-role.js';
export { AdminUsersService, type NewAdmin } from './auth/admin-users.service.js';
export { AdminGuard, Needs } from './auth/admin.guard.js';
export { AdminSessionRetentionRepository } from './auth/admin-session-retention.repository.js';
export { MetricRetentionRepository } from './logs/metric-retention.repository.js';
export { SystemLogsRepository } from './logs/system-logs.repository.js';
export { AuditService, type AuditEntry } from './audit/audit.service.js';
export { PerformanceMetricsRepository, type Sample } from './metrics/performance-metrics.repository.js';
export {
  JobRunsRepository,
  RUN_STATUSES,
  type JobRunEnd,
  type JobRunHolder,
  type JobRunRecord,
  type JobState,
  type RunStatus,
} from './jobs/job-runs.repository.js';
export { PERMISSIONS, type Permission } from './auth/permissions.js';
export { Admin, type CurrentAdmin } from './auth/current-admin.js';
export { ModelsSyncService, type ModelsSyncReport } from './models/models-sync.service.js';
export { NODE_STATUSES, type NodeCapabilities, type NodeStatus, type NodeView } from './nodes/node-view.js';
export {
  NO_BREAKER,
  stateOf,
  stepBreaker,
  toNodeBreaker,
  type Breaker,
  type BreakerPolicy,
  type Circuit,
  type CircuitEvent,
  type CircuitState,
  type NodeBreaker,
} from './nodes/breaker.js';
export type { NodeHardware, NodeHealth, NodeUsage } from './nodes/node-health.repository.js';
export { NodeTokensService } from './nodes/node-tokens.service.js';
export { NodesService, type NodeRegistration } from './nodes/nodes.service.js';
export { USER_UPLOADS, type UserUploads } from './files/user-uploads.js';
export { USER_TASKS, type UserTasks } from './tasks/user-tasks.js';
export { CLIENT_ACCOUNTS, type ClientAccounts } from './users/client-accounts.js';
export { REDRIVES, type Redrives } from './tasks/redrives.js';
export { WorkflowsService, type ImportOptions, type ImportReport } from './workflows/workflows.service.js';
export { TRIALS, type TrialOptions, type Trials } from './workflows/trials.js';
export { readShippedGraph } from './workflows/shipped-task-types.js';
