import { ADMIN_ROLES, isAtLeast, type AdminRole } from './admin-role.js';

describe('isAtLeast', () => {
  // Rows: who asks; columns: what is needed, in the same order.
  const MATRIX: Record<AdminRole, string> = {
    viewer: 'yes no no no',
    operator: 'yes yes no no',
    admin: 'yes yes yes no',
    super_admin: 'yes yes yes yes',
  };

  it.each(Object.entries(MATRIX))('lets %s do: %s', (role, row) => {
    const allowed = ADMIN_ROLES.map((needed) => (isAtLeast(role as AdminRole, needed) ? 'yes' : 'no'));
    expect(allowed.join(' ')).toBe(row);
  });
});
