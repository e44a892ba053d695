import { AdminOutboxEvent } from './admin-outbox-event.entity.js';
import { AdminRecoveryCode } from './admin-recovery-code.entity.js';
import { AdminSession } from './admin-session.entity.js';
import { AdminUser } from './admin-user.entity.js';
import { AuditLog } from './audit-log.entity.js';
import { JobRun } from './job-run.entity.js';
import { MetricMinute } from './metric-minute.entity.js';
import { Model } from './model.entity.js';
import { Node } from './node.entity.js';
import { PerformanceMetric } from './performance-metric.entity.js';
import { SystemConfig } from './system-config.entity.js';
import { SystemLog } from './system-log.entity.js';
import { WorkflowModel } from './workflow-model.entity.js';
import { WorkflowParameter } from './workflow-parameter.entity.js';
import { WorkflowTemplate } from './workflow-template.entity.js';

/** Every table of this database, listed for the data source; a migration makes them. */
export const ADMIN_ENTITIES = [
  AdminOutboxEvent,
  AdminRecoveryCode,
  AdminSession,
  AdminUser,
  AuditLog,
  JobRun,
  MetricMinute,
  Model,
  Node,
  PerformanceMetric,
  SystemConfig,
  SystemLog,
  WorkflowModel,
  WorkflowParameter,
  WorkflowTemplate,
];
