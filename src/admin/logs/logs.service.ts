import { Inject, Injectable, Optional } from '@nestjs/common';
import {
  Clock,
  decodeTimeCursor,
  encodeTimeCursor,
  InvalidInputError,
  isId,
  NotFoundError,
  type TimeCursor,
} from '../../common/index.js';
import { ACCESS_LOGS, type AccessLogs, type TimeRange } from './access-logs.js';
import { LogStatisticsRepository } from './log-statistics.repository.js';
import type {
  AccessLogsQuery,
  LogPageQuery,
  LogStatisticsQuery,
  LogTimesQuery,
  SystemLogsQuery,
} from './logs.query.js';
import {
  toAccessLogView,
  toAccessStatisticsView,
  toSystemLogView,
  type AccessLogPageView,
  type LogStatisticsView,
  type SystemLogPageView,
} from './logs.view.js';
import { SystemLogsRepository, type SystemLogFilter } from './system-logs.repository.js';

const DAY_MS = 86_400_000;
/** Counting more would hold a connection for longer than a page waits. */
const LONGEST_DAYS = 31;

/** The system log and the log of users' requests, for admins. */
@Injectable()
export class LogsService {
  constructor(
    private readonly systemLogs: SystemLogsRepository,
    private readonly statistics: LogStatisticsRepository,
    private readonly clock: Clock,
    // Commands open this module without the application around it.
    @Optional() @Inject(ACCESS_LOGS) private readonly accessLogs?: AccessLogs,
  ) {}

  listSystem(query: SystemLogsQuery): Promise<SystemLogPageView> {
    const { level: levels, module, task_id: taskId, node_id: nodeId, q: text, from, to } = query;
    return this.pageOfSystem({ levels, module, taskId, nodeId, text, from, to }, query);
  }

  /** All that was said of one task; it may be gone. Throws 404 for what is no task's id (those of before may be any text). */
  async listOfTask(taskId: string, query: LogPageQuery): Promise<SystemLogPageView> {
    const page = await this.pageOfSystem({ taskId, from: query.from, to: query.to }, query);
    if (page.logs.length > 0 || isId(taskId)) return page;
    throw new NotFoundError(`"${taskId.slice(0, 40)}" is no task's id, and no line names it.`, 'TASK_NOT_FOUND');
  }

  async listAccess(query: AccessLogsQuery): Promise<AccessLogPageView> {
    checkOrder(query);
    const { client_id: clientId, action, min_status: minStatus, ip_address: ipAddress, from, to } = query;
    const filter = { clientId, action, minStatus, ipAddress, requestId: query.request_id, from, to };
    const { rows, nextCursor } = await page(query, (after, limit) => this.access.list(filter, after, limit));
    return { logs: rows.map(toAccessLogView), next_cursor: nextCursor };
  }

  async getStatistics(query: LogStatisticsQuery): Promise<LogStatisticsView> {
    const range = this.rangeOf(query);
    const [byLevel, topModules, errorsByModule, routes] = await Promise.all([
      this.statistics.countByLevel(range, query.by),
      this.statistics.countByModule(range),
      this.statistics.countErrorsByModule(range),
      this.access.countByRoute(range),
    ]);
    const sum = (counts: { lines: number }[]) => counts.reduce((total, { lines }) => total + lines, 0);
    return {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      by: query.by,
      system: {
        lines: sum(byLevel),
        errors: sum(byLevel.filter(({ level }) => level === 'ERROR' || level === 'CRITICAL')),
        by_level: byLevel,
        top_modules: topModules,
        errors_by_module: errorsByModule,
      },
      access: toAccessStatisticsView(routes),
    };
  }

  private async pageOfSystem(filter: SystemLogFilter, query: LogPageQuery): Promise<SystemLogPageView> {
    checkOrder(filter);
    const { rows, nextCursor } = await page(query, (after, limit) => this.systemLogs.list(filter, after, limit));
    return { logs: rows.map(toSystemLogView), next_cursor: nextCursor };
  }

  /** The day until now where nothing is said. */
  private rangeOf(query: LogTimesQuery): TimeRange {
    const to = query.to ?? this.clock.now();
    const from = query.from ?? new Date(to.getTime() - DAY_MS);
    checkOrder({ from, to });
    if (to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS) {
      throw new InvalidInputError([{ field: 'from', message: `from must be at most ${LONGEST_DAYS} days before to` }]);
    }
    return { from, to };
  }

  private get access(): AccessLogs {
    if (!this.accessLogs) throw new Error('the log of requests needs the application');
    return this.accessLogs;
  }
}

function checkOrder({ from, to }: LogTimesQuery): void {
  if (from && to && from >= to) throw new InvalidInputError([{ field: 'from', message: 'from must be before to' }]);
}

/** One row more than asked for tells whether there is a next page. */
async function page<T extends TimeCursor>(
  { cursor, limit }: LogPageQuery,
  list: (after: TimeCursor | undefined, limit: number) => Promise<T[]>,
): Promise<{ rows: T[]; nextCursor: string | null }> {
  const rows = await list(cursor === undefined ? undefined : decodeTimeCursor(cursor), limit + 1);
  const shown = rows.slice(0, limit);
  return { rows: shown, nextCursor: rows.length > limit ? encodeTimeCursor(shown.at(-1)!) : null };
}
