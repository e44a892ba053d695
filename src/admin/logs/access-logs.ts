import type { TimeCursor } from '../../common/index.js';

/** One answered request of the users' side. */
export interface AccessLogRecord {
  id: string;
  clientId: string | null;
  action: string;
  endpoint: string | null;
  method: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  durationMs: number | null;
  statusCode: number | null;
  requestId: string | null;
  createdAt: Date;
}

export interface AccessLogFilter {
  clientId?: string;
  action?: string;
  /** From this status on: 400 for all that failed. */
  minStatus?: number;
  ipAddress?: string;
  requestId?: string;
  from?: Date;
  to?: Date;
}

export interface TimeRange {
  from: Date;
  to: Date;
}

export interface RouteRequests {
  action: string;
  requests: number;
  /** Answered with 500 and above, and with 400 to 499. */
  failed: number;
  refused: number;
  p50Ms: number;
  p95Ms: number;
}

/**
 * The log of requests is another module's, which this one must not know; the application hands in the one that reads it
 * (src/access-logs.module.ts).
 */
export interface AccessLogs {
  /** The newest first, from behind `after` on. */
  list(filter: AccessLogFilter, after: TimeCursor | undefined, limit: number): Promise<AccessLogRecord[]>;
  /** Of all routes that were asked for, those with most requests first. */
  countByRoute(range: TimeRange): Promise<RouteRequests[]>;
}

export const ACCESS_LOGS = Symbol('access logs');
