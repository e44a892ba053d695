import { Injectable } from '@nestjs/common';
import {
  Clock,
  ConflictError,
  hashPassword,
  InvalidInputError,
  isSameContent,
  NotFoundError,
} from '../../common/index.js';
import { generatePassword } from '../../config/index.js';
import { InjectDatabase, isDuplicate, type Database, type Executor } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { AdminSessionsRepository } from '../auth/admin-sessions.repository.js';
import { AdminUsersRepository, type AdminFields, type AdminUserRecord } from '../auth/admin-users.repository.js';
import { AdminUsersService, checkPassword } from '../auth/admin-users.service.js';
import type { CurrentAdmin } from '../auth/current-admin.js';
import { SecondFactorsService } from '../auth/second-factors.service.js';
import {
  toAdminAccountView,
  type AdminAccountListView,
  type AdminAccountView,
  type AdminWithPasswordView,
} from './admin-account.view.js';
import type { ChangeAdminDto, CreateAdminDto, ListAdminsQuery } from './admin-accounts.dto.js';
import { checkChange } from './check-change.js';

const PASSWORD_LENGTH = 16;

/** The accounts of all admins, as those see them who may change them. */
@Injectable()
export class AdminAccountsService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly users: AdminUsersRepository,
    private readonly sessions: AdminSessionsRepository,
    private readonly maker: AdminUsersService,
    private readonly secondFactors: SecondFactorsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(query: ListAdminsQuery): Promise<AdminAccountListView> {
    const { items, total } = await this.users.list(query);
    const now = this.clock.now();
    const admins = items.map((user) => toAdminAccountView(user, now));
    return { admins, total, limit: query.limit, offset: query.offset };
  }

  async get(adminId: string): Promise<AdminAccountView> {
    return toAdminAccountView(await this.find(adminId), this.clock.now());
  }

  /** Throws 404 for what is no admin's id. */
  async find(adminId: string): Promise<AdminUserRecord> {
    const user = /^[1-9]\d{0,17}$/.test(adminId) ? await this.users.find(adminId) : undefined;
    if (!user) throw notFound();
    return user;
  }

  async create(request: Omit<CreateAdminDto, 'own_password'>): Promise<AdminWithPasswordView> {
    const { username, role, email, display_name: displayName } = request;
    const password = request.password ?? generatePassword(PASSWORD_LENGTH);
    await this.maker.create({
      username,
      role,
      password,
      email: email ?? undefined,
      displayName: displayName ?? undefined,
    });
    const made = toAdminAccountView((await this.users.findByUsername(username))!, this.clock.now());
    return request.password ? made : { ...made, password };
  }

  /** At once: the next request of the changed admin is judged by it. Throws 409 as `checkChange` says. */
  async change(
    adminId: string,
    request: Omit<ChangeAdminDto, 'own_password'>,
    { admin, isProven }: { admin: CurrentAdmin; isProven: boolean },
  ): Promise<AdminAccountView> {
    const { id } = await this.find(adminId);
    try {
      await this.database.transaction(async (transaction) => {
        const known = await this.users.lockWithSuperAdmins(transaction, id);
        const before = known.find((user) => user.id === id);
        if (!before) throw notFound();
        requireVersion(before, request.version);
        const after = merge(before, request);
        checkChange({ before, after, known, changedBy: admin.adminUserId });
        const isUnlock = request.status === 'active';
        const isPower = isUnlock || after.role !== before.role || after.status !== before.status;
        if (isPower && !isProven) throw notProven();
        await this.store(transaction, before, after);
        if (isUnlock) await this.forgetAttempts(transaction, before);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const message = `The address ${request.email} is another admin's.`;
      throw new ConflictError(message, 'EMAIL_TAKEN', { cause: error });
    }
    return this.get(id);
  }

  /** Ends all sign-ins and the lock of the account. Made here where none is given. */
  async resetPassword(user: AdminUserRecord, given: string | undefined): Promise<AdminWithPasswordView> {
    const password = given ?? generatePassword(PASSWORD_LENGTH);
    checkPassword(password);
    const newHash = await hashPassword(password);
    await this.database.transaction(async (transaction) => {
      if (!(await this.users.replacePassword(transaction, user.id, user.passwordHash, newHash))) {
        throw new ConflictError('The password was changed by somebody else just now.', 'PASSWORD_CHANGED');
      }
      await this.users.forgetAttempts(user.id, transaction);
      const ended = await this.sessions.revokeAll(transaction, user.id, this.clock.now());
      const target = { targetType: 'admin', targetId: user.username };
      const entry = { action: 'admin.password_reset', ...target, after: { ended_sessions: ended } };
      await this.audit.record(entry, transaction);
    });
    const view = await this.get(user.id);
    return given === undefined ? { ...view, password } : view;
  }

  async removeTotp(user: AdminUserRecord): Promise<AdminAccountView> {
    await this.database.transaction(async (transaction) => {
      await this.secondFactors.remove(transaction, user);
      await this.users.forgetAttempts(user.id, transaction);
    });
    return this.get(user.id);
  }

  /** Ends the lock that an admin set; who is inactive stays so. */
  async unlock({ id }: AdminUserRecord): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const user = (await this.users.lockWithSuperAdmins(transaction, id)).find((known) => known.id === id);
      if (user?.status === 'locked') await this.store(transaction, user, { ...user, status: 'active' });
    });
  }

  /** A lock after failed sign-ins is no state of the account: its end is noted by itself. */
  private async forgetAttempts(transaction: Executor, { id, username, status }: AdminUserRecord): Promise<void> {
    await this.users.forgetAttempts(id, transaction);
    if (status !== 'active') return;
    await this.audit.record({ action: 'admin.unlock', targetType: 'admin', targetId: username }, transaction);
  }

  private async store(transaction: Executor, before: AdminUserRecord, after: AdminFields): Promise<void> {
    const [old, wished] = [toState(before), toState(after)];
    if (isSameContent(old, wished)) return;
    await this.users.change(transaction, before.id, after);
    if (after.status !== 'active') await this.sessions.revokeAll(transaction, before.id, this.clock.now());
    const target = { targetType: 'admin', targetId: before.username };
    await this.audit.record({ action: 'admin.change', ...target, before: old, after: wished }, transaction);
  }
}

function merge(before: AdminUserRecord, { display_name: displayName, email, role, status }: ChangeAdminDto) {
  return {
    displayName: displayName === undefined ? before.displayName : displayName,
    email: email ?? before.email,
    role: role ?? before.role,
    status: status ?? before.status,
  };
}

function toState({ displayName, email, role, status }: AdminFields) {
  return { display_name: displayName, email, role, status };
}

function requireVersion({ username, version }: AdminUserRecord, seen: number | undefined): void {
  if (seen === undefined || seen === version) return;
  const message = `${username} was changed by somebody else since you looked; look again. Nothing was changed now.`;
  throw new ConflictError(message, 'CHANGED_MEANWHILE');
}

function notProven(): InvalidInputError {
  const message = 'own_password, the password of your own account, is needed for this.';
  return new InvalidInputError([{ field: 'own_password', message }]);
}

function notFound(): NotFoundError {
  return new NotFoundError('There is no such admin.', 'ADMIN_NOT_FOUND');
}
