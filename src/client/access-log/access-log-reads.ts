import { Injectable } from '@nestjs/common';
import type { TimeCursor } from '../../common/index.js';
import {
  AccessLogReadsRepository,
  type RequestCount,
  type StoredAccessLog,
  type StoredAccessLogFilter,
} from './access-log-reads.repository.js';

export interface RouteCounts {
  action: string;
  requests: number;
  failed: number;
  refused: number;
  p50Ms: number;
  p95Ms: number;
}

/** What admins may see of the log of requests, and its retention. */
@Injectable()
export class AccessLogReads {
  constructor(private readonly logs: AccessLogReadsRepository) {}

  list(filter: StoredAccessLogFilter, after: TimeCursor | undefined, limit: number): Promise<StoredAccessLog[]> {
    return this.logs.list(filter, after, limit);
  }

  /** Exact: whole milliseconds are few enough to count each. */
  async countByRoute(range: { from: Date; to: Date }): Promise<RouteCounts[]> {
    const byRoute = new Map<string, RequestCount[]>();
    for (const count of await this.logs.count(range)) {
      const counts = byRoute.get(count.action);
      if (counts) counts.push(count);
      else byRoute.set(count.action, [count]);
    }
    const routes = [...byRoute].map(([action, counts]) => toRouteCounts(action, counts));
    return routes.sort((a, b) => b.requests - a.requests);
  }

  removeBefore(time: Date, afterId: string, limit: number): Promise<{ removed: number; lastId: string }> {
    return this.logs.removeBefore(time, afterId, limit);
  }
}

/** `counts` by their durations, the shortest first. */
function toRouteCounts(action: string, counts: RequestCount[]): RouteCounts {
  const sum = (some: RequestCount[]) => some.reduce((total, { requests }) => total + requests, 0);
  const requests = sum(counts);
  const shareTakes = (share: number) => {
    let seen = 0;
    return counts.find((count) => (seen += count.requests) >= share * requests)?.durationMs ?? 0;
  };
  return {
    action,
    requests,
    failed: sum(counts.filter(({ statusClass }) => statusClass === 5)),
    refused: sum(counts.filter(({ statusClass }) => statusClass === 4)),
    p50Ms: shareTakes(0.5),
    p95Ms: shareTakes(0.95),
  };
}
