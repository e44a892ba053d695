import { ConflictError } from '../../common/index.js';
import { isAtLeast } from '../auth/admin-role.js';
import type { AdminFields, AdminUserRecord } from '../auth/admin-users.repository.js';

interface Change {
  before: AdminUserRecord;
  after: AdminFields;
  /** This admin and all who have the highest role. */
  known: AdminUserRecord[];
  /** Undefined at the command line. */
  changedBy: string | undefined;
}

/** Throws 409 where a change would leave nobody who can change accounts, or is one's own fall. */
export function checkChange({ before, after, known, changedBy }: Change): void {
  const isLowered = !isAtLeast(after.role, before.role) || (before.status === 'active' && after.status !== 'active');
  if (!isLowered) return;
  if (before.id === changedBy) {
    const message =
      'You would take rights from your own account, and could not give them back. Another super_admin can do it.';
    throw new ConflictError(message, 'OWN_ACCOUNT');
  }
  if (!isChief(before)) return;
  if (known.some((other) => other.id !== before.id && isChief(other))) return;
  const message =
    `${before.username} is the last active super_admin: without one, nobody could change accounts. ` +
    'Make another one first.';
  throw new ConflictError(message, 'LAST_SUPER_ADMIN');
}

function isChief({ role, status }: AdminFields): boolean {
  return role === 'super_admin' && status === 'active';
}
