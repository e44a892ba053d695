import { Injectable } from '@nestjs/common';
import { Clock, NotFoundError } from '../../common/index.js';
import { AuditLogsRepository, MOST_COUNTED } from './audit-logs.repository.js';
import { toAuditEntryView, type AuditEntryView, type AuditListView } from './audit.view.js';
import type { ListAuditQuery } from './list-audit.query.js';

/** Words are found by reading every row, so without `from` they are looked for in so many days alone. */
const SEARCHED_MS = 30 * 86_400_000;

/** The audit log, as it is read. */
@Injectable()
export class AuditReadsService {
  constructor(
    private readonly logs: AuditLogsRepository,
    private readonly clock: Clock,
  ) {}

  /** Pages by the id of the last entry shown: what is added meanwhile moves nothing. */
  async list({ cursor, limit, target_type, target_id, ...others }: ListAuditQuery): Promise<AuditListView> {
    const from = others.from ?? this.startOfSearch(others);
    const filter = { ...others, from, targetType: target_type, targetId: target_id };
    const [found, counted] = await Promise.all([
      this.logs.list(filter, { beforeId: cursor, limit: limit + 1 }),
      this.logs.count(filter),
    ]);
    const entries = found.slice(0, limit).map(toAuditEntryView);
    return {
      entries,
      total: Math.min(counted, MOST_COUNTED),
      is_total_exact: counted <= MOST_COUNTED,
      limit,
      next_cursor: found.length > limit ? entries.at(-1)!.id : null,
      searched_from: from?.toISOString() ?? null,
    };
  }

  /** Throws 404 for what is no entry's id. */
  async get(id: string): Promise<AuditEntryView> {
    const entry = /^[1-9]\d{0,17}$/.test(id) ? await this.logs.find(id) : undefined;
    if (!entry) throw new NotFoundError('There is no such entry of the audit log (any more).', 'AUDIT_ENTRY_NOT_FOUND');
    return toAuditEntryView(entry);
  }

  private startOfSearch({ q, to }: Pick<ListAuditQuery, 'q' | 'to'>): Date | undefined {
    return q === undefined ? undefined : new Date((to ?? this.clock.now()).getTime() - SEARCHED_MS);
  }
}
