import { Injectable } from '@nestjs/common';
import { ConflictError, hashPassword, InvalidInputError, type FieldProblem } from '../../common/index.js';
import { isDuplicate } from '../../database/index.js';
import { ADMIN_ROLES, type AdminRole } from './admin-role.js';
import { AdminUsersRepository } from './admin-users.repository.js';

export interface NewAdmin {
  username: string;
  password: string;
  role: AdminRole;
  /** The column wants one; where left out, an address that no mail reaches. */
  email?: string | undefined;
}

/** Makes the accounts of those who run the installation. */
@Injectable()
export class AdminUsersService {
  constructor(private readonly users: AdminUsersRepository) {}

  /** Throws 422 for a weak password or an unusable name, 409 for a name or address that is taken. */
  async create(admin: NewAdmin): Promise<{ username: string; role: AdminRole }> {
    const problems = findProblems(admin);
    if (problems.length > 0) throw new InvalidInputError(problems);
    const { username, role, password, email = `${username}@localhost.invalid` } = admin;
    const passwordHash = await hashPassword(password);
    try {
      await this.users.insert({ username, email, passwordHash, role });
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

function findProblems({ username, password, role, email }: NewAdmin): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!/^[\p{L}\p{N}._@-]{1,64}$/u.test(username)) {
    problems.push({ field: 'username', message: 'username may hold 1 to 64 letters, digits and . _ @ -' });
  }
  if (password.length < 8 || password.length > 200) {
    problems.push({ field: 'password', message: 'password must hold 8 to 200 characters.' });
  }
  if (!ADMIN_ROLES.includes(role)) {
    problems.push({ field: 'role', message: `role must be one of ${ADMIN_ROLES.join(', ')}.` });
  }
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    problems.push({ field: 'email', message: 'email must be an address.' });
  }
  return problems;
}
