import { Inject, Injectable, Optional } from '@nestjs/common';
import { NotFoundError } from '../../common/index.js';
import { generatePassword } from '../../config/index.js';
import { AuditService } from '../audit/audit.service.js';
import { CLIENT_ACCOUNTS, type Account, type ChangedAccount, type ClientAccounts } from './client-accounts.js';
import {
  toUserDetailView,
  toUserView,
  type ChangedUserView,
  type CreatedUserView,
  type EndedSessionsView,
  type UserDetailView,
  type UserListView,
  type UserPasswordView,
  type UserView,
} from './user.view.js';
import type { ChangeUserDto, CreateUserDto, ListUsersQuery } from './users.dto.js';

const PASSWORD_LENGTH = 16;

/** Users of the client page, in the hands of admins; every change is noted with what was before. */
@Injectable()
export class UsersService {
  constructor(
    private readonly audit: AuditService,
    @Optional() @Inject(CLIENT_ACCOUNTS) private readonly port?: ClientAccounts,
  ) {}

  async list({ search, active, order, limit, offset }: ListUsersQuery): Promise<UserListView> {
    const { items, total } = await this.accounts.list({ search, isActive: active, order, limit, offset });
    return { users: items.map(toUserView), total, limit, offset };
  }

  async get(clientId: string): Promise<UserDetailView> {
    return toUserDetailView(found(await this.accounts.findDetail(clientId)));
  }

  async create({ username, password: given, ...request }: CreateUserDto): Promise<CreatedUserView> {
    const password = given ?? generatePassword(PASSWORD_LENGTH);
    const nickname = request.nickname ?? undefined;
    const quota = request.quota_limit ?? undefined;
    const account = await this.accounts.create({ username, password, nickname, quota });
    await this.note('user.create', account.clientId, undefined, account);
    return { ...toUserView(account), ...(password === given ? {} : { password }) };
  }

  async change(clientId: string, request: ChangeUserDto): Promise<ChangedUserView> {
    const changes = {
      nickname: request.nickname ?? undefined,
      isActive: request.is_active ?? undefined,
      quotaLimit: request.quota_limit ?? undefined,
      timeZone: request.time_zone ?? undefined,
    };
    const changed = found(await this.accounts.change(clientId, changes, request.version ?? undefined));
    const isToCancel = request.is_active === false && request.cancel_tasks === true;
    await this.noteChange('user.change', changed);
    if (!isToCancel) return toUserView(changed.after);
    const cancelled = await this.accounts.cancelQueued(clientId);
    const entry = { action: 'user.cancel_tasks', targetType: 'user', targetId: clientId };
    if (cancelled.length > 0) await this.audit.record({ ...entry, after: { cancelled: cancelled.length } });
    return { ...toUserView(changed.after), cancelled_tasks: cancelled.length };
  }

  async resetQuota(clientId: string): Promise<UserView> {
    const changed = found(await this.accounts.resetQuota(clientId));
    await this.noteChange('user.quota_reset', changed);
    return toUserView(changed.after);
  }

  async setPassword(clientId: string, given: string | undefined): Promise<UserPasswordView> {
    const password = given ?? generatePassword(PASSWORD_LENGTH);
    if (!(await this.accounts.setPassword(clientId, password))) throw userNotFound();
    await this.audit.record({ action: 'user.password', targetType: 'user', targetId: clientId });
    return { client_id: clientId, ...(password === given ? {} : { password }) };
  }

  async endSessions(clientId: string): Promise<EndedSessionsView> {
    const ended = await this.accounts.endSessions(clientId);
    if (ended === undefined) throw userNotFound();
    const entry = { action: 'user.sessions_revoke', targetType: 'user', targetId: clientId };
    if (ended > 0) await this.audit.record({ ...entry, after: { ended } });
    return { client_id: clientId, ended };
  }

  private noteChange(action: string, { before, after }: ChangedAccount): Promise<void> {
    return this.note(action, after.clientId, before, after);
  }

  private note(action: string, targetId: string, before: Account | undefined, after: Account): Promise<void> {
    const states = { before: before && toState(before), after: toState(after) };
    return this.audit.record({ action, targetType: 'user', targetId, ...states });
  }

  private get accounts(): ClientAccounts {
    if (!this.port) throw new Error('nobody keeps accounts here: UserPortsModule is missing');
    return this.port;
  }
}

function toState(account: Account) {
  const { username, nickname, is_active, quota_limit, quota_used, time_zone } = toUserView(account);
  return { username, nickname, is_active, quota_limit, quota_used, time_zone };
}

function found<T>(account: T | undefined): T {
  if (!account) throw userNotFound();
  return account;
}

function userNotFound(): NotFoundError {
  return new NotFoundError('There is no such user.', 'USER_NOT_FOUND');
}
