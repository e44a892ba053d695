import { userInfo } from 'node:os';
import { Injectable } from '@nestjs/common';
import { currentRequest, isSameContent } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import { AuditLogsRepository } from './audit-logs.repository.js';

/** What was done: an action such as `node.cordon`, what it was done to, and the state before and after. No secrets. */
export interface AuditEntry {
  action: string;
  targetType?: string;
  targetId?: string;
  before?: unknown;
  after?: unknown;
  /** Where nobody is signed in (yet): `?:<name that was given>`, `job:<name>`. */
  actor?: string;
}

/** Notes who did what to what, and from where; the request that is being answered says who and where. */
@Injectable()
export class AuditService {
  constructor(private readonly logs: AuditLogsRepository) {}

  /**
   * What changed nothing leaves no row. Where the change is one of `comfyui_admin`, its transaction writes the row too; a change elsewhere is noted right
   * after it was made.
   */
  async record({ action, targetType, targetId, before, after, actor }: AuditEntry, executor?: Executor): Promise<void> {
    if (before !== undefined && after !== undefined && isSameContent(before, after)) return;
    const request = currentRequest();
    await this.logs.insert(
      {
        adminUserId: request?.admin?.adminUserId ?? null,
        actor: actor ?? request?.admin?.username ?? `command:${systemUser()}`,
        action,
        targetType: targetType ?? null,
        targetId: targetId ?? null,
        before,
        after,
        ipAddress: request?.ipAddress ?? null,
        userAgent: request?.userAgent ?? null,
        requestId: request?.requestId ?? null,
      },
      executor,
    );
  }
}

/** In a container the number may have no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
