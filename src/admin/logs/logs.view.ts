import { ApiProperty } from '@nestjs/swagger';
import type { AccessLogRecord, RouteRequests } from './access-logs.js';
import type { SystemLogRecord } from './system-logs.repository.js';

const text = { type: String, nullable: true } as const;

export class SystemLogView {
  @ApiProperty({ example: '4711' })
  id: string;

  @ApiProperty({ enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] })
  level: string;

  @ApiProperty({ ...text, example: 'relay' })
  module: string | null;

  @ApiProperty({ example: 'loop recovered' })
  message: string;

  @ApiProperty({ type: Object, nullable: true, example: { failures: 3 } })
  details: unknown;

  @ApiProperty(text)
  task_id: string | null;

  @ApiProperty({ ...text, example: 'gpu-1' })
  node_id: string | null;

  @ApiProperty(text)
  admin_user_id: string | null;

  @ApiProperty({ ...text, example: '192.0.2.10' })
  ip_address: string | null;

  @ApiProperty(text)
  user_agent: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;
}

export class SystemLogPageView {
  @ApiProperty({ type: [SystemLogView] })
  logs: SystemLogView[];

  @ApiProperty({ ...text, description: 'Of the next page; null on the last one.' })
  next_cursor: string | null;
}

export class AccessLogView {
  @ApiProperty({ example: '4711' })
  id: string;

  @ApiProperty(text)
  client_id: string | null;

  @ApiProperty({ example: 'GET /api/v2/tasks' })
  action: string;

  @ApiProperty({ ...text, example: '/api/v2/tasks' })
  endpoint: string | null;

  @ApiProperty({ ...text, example: 'GET' })
  method: string | null;

  @ApiProperty(text)
  ip_address: string | null;

  @ApiProperty(text)
  user_agent: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 12 })
  response_time_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 200 })
  status_code: number | null;

  @ApiProperty(text)
  request_id: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;
}

export class AccessLogPageView {
  @ApiProperty({ type: [AccessLogView] })
  logs: AccessLogView[];

  @ApiProperty({ ...text, description: 'Of the next page; null on the last one.' })
  next_cursor: string | null;
}

export class LevelCountView {
  @ApiProperty({ format: 'date-time', description: 'When the hour or day begins.' })
  time: string;

  @ApiProperty({ example: 'WARNING' })
  level: string;

  @ApiProperty({ type: 'integer' })
  lines: number;
}

export class ModuleCountView {
  @ApiProperty({ ...text, example: 'relay' })
  module: string | null;

  @ApiProperty({ type: 'integer' })
  lines: number;
}

export class SystemLogStatisticsView {
  @ApiProperty({ type: 'integer' })
  lines: number;

  @ApiProperty({ type: 'integer', description: 'Of the levels ERROR and CRITICAL.' })
  errors: number;

  @ApiProperty({ type: [LevelCountView] })
  by_level: LevelCountView[];

  @ApiProperty({ type: [ModuleCountView] })
  top_modules: ModuleCountView[];

  @ApiProperty({ type: [ModuleCountView] })
  errors_by_module: ModuleCountView[];
}

export class RouteRequestsView {
  @ApiProperty({ example: 'GET /api/v2/tasks' })
  action: string;

  @ApiProperty({ type: 'integer' })
  requests: number;

  @ApiProperty({ type: 'integer', description: 'Answered with 5xx.' })
  failed: number;

  @ApiProperty({ type: 'integer', description: 'Answered with 4xx.' })
  refused: number;

  @ApiProperty({ description: 'Of 5xx among all, 0 to 1.' })
  error_rate: number;

  @ApiProperty({ type: 'integer' })
  p50_ms: number;

  @ApiProperty({ type: 'integer' })
  p95_ms: number;
}

export class AccessStatisticsView {
  @ApiProperty({ type: 'integer' })
  requests: number;

  @ApiProperty({ description: 'Of 5xx among all, 0 to 1.' })
  error_rate: number;

  @ApiProperty({ type: [RouteRequestsView] })
  routes: RouteRequestsView[];
}

export class LogStatisticsView {
  @ApiProperty({ format: 'date-time' })
  from: string;

  @ApiProperty({ format: 'date-time' })
  to: string;

  @ApiProperty({ enum: ['hour', 'day'] })
  by: string;

  @ApiProperty({ type: SystemLogStatisticsView })
  system: SystemLogStatisticsView;

  @ApiProperty({ type: AccessStatisticsView })
  access: AccessStatisticsView;
}

export function toSystemLogView(log: SystemLogRecord): SystemLogView {
  const { taskId, nodeId, adminUserId, ipAddress, userAgent, createdAt, ...same } = log;
  return {
    ...same,
    task_id: taskId,
    node_id: nodeId,
    admin_user_id: adminUserId,
    ip_address: ipAddress,
    user_agent: userAgent,
    created_at: createdAt.toISOString(),
  };
}

export function toAccessLogView(log: AccessLogRecord): AccessLogView {
  const { id, action, endpoint, method } = log;
  return {
    ...{ id, action, endpoint, method },
    client_id: log.clientId,
    ip_address: log.ipAddress,
    user_agent: log.userAgent,
    response_time_ms: log.durationMs,
    status_code: log.statusCode,
    request_id: log.requestId,
    created_at: log.createdAt.toISOString(),
  };
}

export function toAccessStatisticsView(routes: RouteRequests[]): AccessStatisticsView {
  const sum = (count: (route: RouteRequests) => number) => routes.reduce((total, route) => total + count(route), 0);
  const requests = sum((route) => route.requests);
  return {
    requests,
    error_rate: requests === 0 ? 0 : sum(({ failed }) => failed) / requests,
    routes: routes.map(({ p50Ms, p95Ms, ...route }) => ({
      ...route,
      error_rate: route.failed / route.requests,
      p50_ms: p50Ms,
      p95_ms: p95Ms,
    })),
  };
}
