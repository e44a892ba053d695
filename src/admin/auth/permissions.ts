import { isAtLeast, type AdminRole } from './admin-role.js';

/** What may be done on the admin's side, and the least role that may do it. The one place that says so. */
export const PERMISSIONS = {
  /** One's own password, second factor and sign-ins. */
  'account.own': 'viewer',
  'metrics.read': 'viewer',
  'statistics.read': 'viewer',
  'tasks.read': 'viewer',
  'nodes.read': 'viewer',
  'users.read': 'viewer',
  'workflows.read': 'viewer',
  'models.read': 'viewer',
  'files.read': 'viewer',
  'settings.read': 'viewer',
  'jobs.read': 'viewer',
  /** Logs name addresses and what people asked for. */
  'logs.read': 'operator',
  /** Cancel, requeue, redrive, priority. */
  'tasks.operate': 'operator',
  /** Cordon, drain, canary, circuit breakers, heartbeats. */
  'nodes.operate': 'operator',
  'jobs.run': 'operator',
  'models.change': 'operator',
  /** Upload and change templates, and try them; users see none of it. */
  'workflows.edit': 'operator',
  /** What users' tasks run from now on. */
  'workflows.publish': 'admin',
  /** Add, change and remove nodes, and give them tokens. */
  'nodes.change': 'admin',
  /** Quota, disabling, resetting of users. */
  'users.change': 'admin',
  'settings.change': 'admin',
  'audit.read': 'admin',
  'admins.read': 'admin',
  /** Accounts and roles of admins. */
  'admins.change': 'super_admin',
} as const satisfies Record<string, AdminRole>;

export type Permission = keyof typeof PERMISSIONS;

/** All that a role may do. */
export function permissionsOf(role: AdminRole): Permission[] {
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => isAtLeast(role, PERMISSIONS[permission]));
}
