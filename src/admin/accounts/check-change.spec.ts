import type { AdminFields, AdminUserRecord } from '../auth/admin-users.repository.js';
import { checkChange } from './check-change.js';

const makeAdmin = (id: string, fields: Partial<AdminFields> = {}) =>
  ({ id, username: `admin ${id}`, role: 'super_admin', status: 'active', ...fields }) as AdminUserRecord;

const tryChange = (before: AdminUserRecord, change: Partial<AdminFields>, others: AdminUserRecord[], by = '9') => {
  const { displayName, email, role, status } = before;
  const after = { displayName, email, role, status, ...change };
  return () => checkChange({ before, after, known: [before, ...others], changedBy: by });
};

describe('checkChange', () => {
  const last = makeAdmin('1');
  const useless = [makeAdmin('2', { status: 'inactive' }), makeAdmin('3', { status: 'locked' })];

  it.each<[string, Partial<AdminFields>]>([
    ['lower', { role: 'admin' }],
    ['disable', { status: 'inactive' }],
    ['lock', { status: 'locked' }],
  ])('does not let anybody %s the last active super_admin', (_, change) => {
    const refusal = expect.objectContaining({ code: 'LAST_SUPER_ADMIN' });
    expect(tryChange(last, change, useless)).toThrow(refusal);
    expect(tryChange(last, change, [...useless, makeAdmin('4')])).not.toThrow();
  });

  it('does not let anybody take from himself, however many others there are', () => {
    const refusal = expect.objectContaining({ code: 'OWN_ACCOUNT' });
    expect(tryChange(makeAdmin('9'), { role: 'viewer' }, [last])).toThrow(refusal);
    expect(tryChange(makeAdmin('9'), { status: 'inactive' }, [last])).toThrow(refusal);
    expect(tryChange(makeAdmin('9'), { email: 'new@example.org' }, [])).not.toThrow();
  });

  it('lets a super_admin who is shut already be lowered', () => {
    expect(tryChange(useless[0]!, { role: 'viewer' }, [])).not.toThrow();
    expect(tryChange(useless[0]!, { status: 'active' }, [])).not.toThrow();
  });
});
