import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { NotLimited } from '../../address-rate.guard.js';
import { Liveness } from './liveness.service.js';
import { Readiness } from './readiness.service.js';

interface Report {
  status: string;
  details: Record<string, { status: string; message?: string }>;
}

const READY = {
  status: 'ok',
  info: { storage: { status: 'up' } },
  error: {},
  details: { storage: { status: 'up' } },
  problems: [],
};
const NOT_READY = {
  ...READY,
  status: 'error',
  details: { storage: { status: 'down', message: 'The storage folder cannot be written.' } },
  problems: ['The storage folder cannot be written.'],
  detail: 'The storage folder cannot be written.',
  message: 'The storage folder cannot be written.',
  code: 'NOT_READY',
};

/** For what starts, restarts and sends requests to processes; open to everybody. */
@ApiTags('health')
@NotLimited()
@Controller('api/health')
export class ProbesController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly liveness: Liveness,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process is alive; 503: restart it' })
  @ApiOkResponse({ schema: { example: { ...READY, details: { event_loop: { status: 'up', lag_ms: 20 } } } } })
  @ApiServiceUnavailableResponse({ schema: { example: NOT_READY } })
  live(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.answer([this.liveness.check()], 'NOT_ALIVE', reply);
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether it can be sent requests: databases, migrations, storage, loops; 503 with what is wrong',
  })
  @ApiOkResponse({ schema: { example: READY } })
  @ApiServiceUnavailableResponse({ schema: { example: NOT_READY } })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.answer(await this.readiness.check(), 'NOT_READY', reply);
  }

  private async answer(results: HealthIndicatorResult[], code: string, reply: FastifyReply) {
    const report = await this.report(results);
    const problems = Object.values(report.details).flatMap(({ message }) => message ?? []);
    if (report.status === 'ok') return { ...report, problems };
    void reply.status(503);
    const message = problems.join(' ');
    return { ...report, problems, detail: message, message, code, requestId: reply.request.id };
  }

  /** Terminus throws a report with problems; it is one all the same. */
  private async report(results: HealthIndicatorResult[]): Promise<Report> {
    try {
      return (await this.checks.check(results.map((result) => () => result))) as Report;
    } catch (error) {
      const told = (error as { getResponse?: () => unknown }).getResponse?.();
      if (typeof told !== 'object' || told === null || !('details' in told)) throw error;
      return told as Report;
    }
  }
}
