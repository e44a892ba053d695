import { Injectable } from '@nestjs/common';
import { ConflictError, hashPassword, InvalidInputError, type FieldProblem } from '../../common/index.js';
import { InjectDatabase, isDuplicate, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { ADMIN_ROLES, type AdminRole } from './admin-role.js';
import { AdminUsersRepository } from './admin-users.repository.js';

export interface NewAdmin {
  username: string;
  password: string;
  role: AdminRole;
  /** The column wants one; where left out, an address that no mail reaches. */
  email?: string | undefined;
  displayName?: string | undefined;
}

/** Makes the accounts of those who run the installation. */
@Injectable()
export class AdminUsersService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly users: AdminUsersRepository,
    private readonly audit: AuditService,
  ) {}

  /** Throws 422 for a weak password or an unusable name, 409 for a name or address that is taken. */
  async create(admin: NewAdmin): Promise<{ username: string; role: AdminRole }> {
    const problems = findProblems(admin);
    if (problems.length > 0) throw new InvalidInputError(problems);
    const { username, role, password, email = `${username}@localhost.invalid`, displayName = null } = admin;
    const passwordHash = await hashPassword(password);
    try {
      await this.database.transaction(async (transaction) => {
        await this.users.insert(transaction, { username, email, passwordHash, role, displayName });
        const after = { role, email, display_name: displayName, status: 'active' };
        const target = { targetType: 'admin', targetId: username };
        await this.audit.record({ action: 'admin.create', ...target, after }, transaction);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new ConflictError(`There already is an admin "${username}" or the address ${email}.`, 'USERNAME_TAKEN', {
        cause: error,
      });
    }
    return { username, role };
  }

  /** For first data; undefined where the name exists: its password stays as it is. */
  async createIfAbsent(admin: NewAdmin): Promise<{ username: string; role: AdminRole } | undefined> {
    if (await this.users.findByUsername(admin.username)) return undefined;
    return this.create(admin);
  }
}

/** One way to say what a password must be, wherever one is set. Throws 422. */
export function checkPassword(password: string, field = 'password'): void {
  const problems = passwordProblems(password, field);
  if (problems.length > 0) throw new InvalidInputError(problems);
}

function passwordProblems(password: string, field: string): FieldProblem[] {
  if (password.length >= 8 && password.length <= 200) return [];
  return [{ field, message: `${field} must hold 8 to 200 characters.` }];
}

function findProblems({ username, password, role, email }: NewAdmin): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!/^[\p{L}\p{N}._@-]{1,64}$/u.test(username)) {
    problems.push({ field: 'username', message: 'username may hold 1 to 64 letters, digits and . _ @ -' });
  }
  problems.push(...passwordProblems(password, 'password'));
  if (!ADMIN_ROLES.includes(role)) {
    problems.push({ field: 'role', message: `role must be one of ${ADMIN_ROLES.join(', ')}.` });
  }
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    problems.push({ field: 'email', message: 'email must be an address.' });
  }
  return problems;
}
