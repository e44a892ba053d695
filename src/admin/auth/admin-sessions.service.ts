import { Injectable } from '@nestjs/common';
import { Clock, NotFoundError } from '../../common/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { toSessionView, type SessionListView } from './admin-session.view.js';
import { AdminSessionsRepository } from './admin-sessions.repository.js';

/** Whose sign-ins they are. */
export interface SessionOwner {
  adminUserId: string;
  username: string;
}

/** Admins' sign-ins: which ones hold, and their ends. */
@Injectable()
export class AdminSessionsService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly sessions: AdminSessionsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(
    adminUserId: string,
    page: { limit: number; offset: number },
    currentSessionId?: string,
  ): Promise<SessionListView> {
    const { items, total } = await this.sessions.list(adminUserId, this.clock.now(), page);
    const { limit, offset } = page;
    return { sessions: items.map((session) => toSessionView(session, currentSessionId)), total, limit, offset };
  }

  /** Throws 404 where the admin has no such sign-in (any more). */
  async end({ adminUserId, username }: SessionOwner, sessionId: string, action: string): Promise<{ message: string }> {
    await this.database.transaction(async (transaction) => {
      if (!(await this.sessions.revoke(transaction, adminUserId, sessionId, this.clock.now()))) {
        throw new NotFoundError('There is no such sign-in (any more).', 'SESSION_NOT_FOUND');
      }
      const target = { targetType: 'admin', targetId: username };
      await this.audit.record({ action, ...target, before: { session_id: sessionId } }, transaction);
    });
    return { message: 'The sign-in has ended.' };
  }

  async endAll({ adminUserId, username }: SessionOwner): Promise<{ ended: number }> {
    return this.database.transaction(async (transaction) => {
      const ended = await this.sessions.revokeAll(transaction, adminUserId, this.clock.now());
      const target = { targetType: 'admin', targetId: username };
      if (ended > 0)
        await this.audit.record({ action: 'admin.sessions_end', ...target, after: { ended } }, transaction);
      return { ended };
    });
  }
}
