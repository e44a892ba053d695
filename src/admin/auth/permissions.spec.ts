import { ADMIN_ROLES } from './admin-role.js';
import { PERMISSIONS, permissionsOf } from './permissions.js';

describe('permissionsOf', () => {
  it('gives each role all that those below it have, and the highest everything', () => {
    const all = ADMIN_ROLES.map((role) => permissionsOf(role));
    for (const [index, own] of all.entries()) {
      expect(own).toEqual(expect.arrayContaining(all[index - 1] ?? []));
      expect(own.length).toBeGreaterThan(all[index - 1]?.length ?? 0);
    }
    expect(permissionsOf('super_admin')).toEqual(Object.keys(PERMISSIONS));
  });

  it('lets a viewer look, and change nothing but what is his own', () => {
    expect(permissionsOf('viewer').filter((permission) => !permission.endsWith('.read'))).toEqual(['account.own']);
  });
});
