import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../../common/index.js';
import { AdminCredentialsService } from '../auth/admin-credentials.service.js';
import type { SessionListView, SessionsEndedView } from '../auth/admin-session.view.js';
import { AdminSessionsService } from '../auth/admin-sessions.service.js';
import { AdminUsersRepository, type AdminUserRecord } from '../auth/admin-users.repository.js';
import type { CurrentAdmin } from '../auth/current-admin.js';
import type { AdminPageQuery } from '../admin-page.query.js';
import type { AdminAccountView, AdminWithPasswordView } from './admin-account.view.js';
import type { ChangeAdminDto, CreateAdminDto, ResetPasswordDto } from './admin-accounts.dto.js';
import { AdminAccountsService } from './admin-accounts.service.js';

/** Helps admins who cannot help themselves: from the dashboard another one's, from the command line anybody's. */
@Injectable()
export class OthersAccountsService {
  constructor(
    private readonly accounts: AdminAccountsService,
    private readonly users: AdminUsersRepository,
    private readonly sessions: AdminSessionsService,
    private readonly credentials: AdminCredentialsService,
  ) {}

  async create(admin: CurrentAdmin, { own_password: ownPassword, ...account }: CreateAdminDto) {
    await this.requireOwnPassword(admin, ownPassword);
    return this.accounts.create(account);
  }

  /** Another role, or an account that is opened or shut, is as good as a new account, and proven as one. */
  async change(
    admin: CurrentAdmin,
    adminId: string,
    { own_password: ownPassword, ...change }: ChangeAdminDto,
  ): Promise<AdminAccountView> {
    if (ownPassword !== undefined) await this.requireOwnPassword(admin, ownPassword);
    return this.accounts.change(adminId, change, { admin, isProven: ownPassword !== undefined });
  }

  async resetPassword(
    admin: CurrentAdmin,
    adminId: string,
    { own_password: ownPassword, password }: ResetPasswordDto,
  ): Promise<AdminWithPasswordView> {
    const user = await this.findOther(admin, adminId, 'POST /api/admin/account/password');
    await this.requireOwnPassword(admin, ownPassword);
    return this.accounts.resetPassword(user, password ?? undefined);
  }

  async removeTotp(admin: CurrentAdmin, adminId: string, ownPassword: string): Promise<AdminAccountView> {
    const user = await this.findOther(admin, adminId, 'DELETE /api/admin/account/totp');
    await this.requireOwnPassword(admin, ownPassword);
    return this.accounts.removeTotp(user);
  }

  async listSessions(admin: CurrentAdmin, adminId: string, page: AdminPageQuery): Promise<SessionListView> {
    const { id } = await this.accounts.find(adminId);
    return this.sessions.list(id, page, admin.sessionId);
  }

  async endSessions(adminId: string): Promise<SessionsEndedView> {
    const { id, username } = await this.accounts.find(adminId);
    return this.sessions.endAll({ adminUserId: id, username });
  }

  async endSession(adminId: string, sessionId: string): Promise<{ message: string }> {
    const { id, username } = await this.accounts.find(adminId);
    return this.sessions.end({ adminUserId: id, username }, sessionId, 'admin.session_end');
  }

  /** By name, for commands. A lock is ended too, also one that an admin set; who is inactive stays so. */
  async rescuePassword(username: string, password: string): Promise<AdminWithPasswordView> {
    const user = await this.findByName(username);
    await this.accounts.unlock(user);
    return this.accounts.resetPassword(user, password);
  }

  async rescueTotp(username: string): Promise<AdminAccountView> {
    const user = await this.findByName(username);
    await this.accounts.unlock(user);
    return this.accounts.removeTotp(user);
  }

  private async requireOwnPassword({ adminUserId }: CurrentAdmin, password: string): Promise<void> {
    await this.credentials.requirePassword(await this.accounts.find(adminUserId), password);
  }

  private async findByName(username: string): Promise<AdminUserRecord> {
    const user = await this.users.findByUsername(username);
    if (user) return user;
    throw new NotFoundError(`There is no admin ${username}; admin:list shows all.`, 'ADMIN_NOT_FOUND');
  }

  /** One's own account asks for the password: a stolen token must not set a new one. */
  private async findOther(admin: CurrentAdmin, adminId: string, ownWay: string): Promise<AdminUserRecord> {
    const user = await this.accounts.find(adminId);
    if (user.id !== admin.adminUserId) return user;
    throw new ConflictError(`This is your own account; use ${ownWay}.`, 'OWN_ACCOUNT');
  }
}
