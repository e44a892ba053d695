import { Inject, Injectable } from '@nestjs/common';
import { ConflictError, hashPassword, InvalidInputError, newId, type FieldProblem } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { isDuplicate } from '../../database/index.js';
import { ClientUsersRepository } from './client-users.repository.js';

export interface NewUser {
  username: string;
  password: string;
  /** The username where left out. */
  nickname?: string | undefined;
  /** Runs a day; `auth.default_quota` where left out. */
  quota?: number | undefined;
}

export interface CreatedUser {
  clientId: string;
  username: string;
  quotaLimit: number;
}

/** Makes the accounts of the client page. */
@Injectable()
export class ClientUsersService {
  constructor(
    private readonly users: ClientUsersRepository,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Throws 422 for a weak password or an unusable name, 409 for a name that is taken. */
  async create(user: NewUser): Promise<CreatedUser> {
    const problems = findProblems(user);
    if (problems.length > 0) throw new InvalidInputError(problems);
    const created = {
      clientId: newId(),
      username: user.username,
      quotaLimit: user.quota ?? this.settings.auth.defaultQuota,
    };
    const passwordHash = await hashPassword(user.password);
    try {
      await this.users.insert({ ...created, passwordHash, nickname: user.nickname ?? user.username });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new ConflictError(`There already is a user "${user.username}".`, 'USERNAME_TAKEN', { cause: error });
    }
    return created;
  }

  /** For first data; undefined where the name exists: its password stays as it is. */
  async createIfAbsent(user: NewUser): Promise<CreatedUser | undefined> {
    if (await this.users.findByUsername(user.username)) return undefined;
    return this.create(user);
  }
}

function findProblems({ username, password, nickname, quota }: NewUser): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!/^[\p{L}\p{N}._@-]{1,64}$/u.test(username)) {
    problems.push({ field: 'username', message: 'username may hold 1 to 64 letters, digits and . _ @ -' });
  }
  problems.push(...findPasswordProblems({ username, password }));
  if (nickname !== undefined && nickname.length > 100) {
    problems.push({ field: 'nickname', message: 'nickname may hold 100 characters at most.' });
  }
  if (quota !== undefined && !(Number.isInteger(quota) && quota >= 0 && quota <= 2_147_483_647)) {
    problems.push({ field: 'quota', message: 'quota must be a whole number, 0 or more.' });
  }
  return problems;
}

export function findPasswordProblems({ username, password }: Pick<NewUser, 'username' | 'password'>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (password.length < 8 || password.length > 200) {
    problems.push({ field: 'password', message: 'password must hold 8 to 200 characters.' });
  }
  if (password.toLowerCase() === username.toLowerCase()) {
    problems.push({ field: 'password', message: 'password must differ from the username.' });
  }
  return problems;
}
