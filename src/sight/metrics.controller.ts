import { Controller, Get, Header, Headers, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotLimited } from '../address-rate.guard.js';
import { NotFoundError, UnauthorizedError } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { ExpositionService } from './exposition.service.js';
import { bringsToken } from './metrics-access.js';

/** For Prometheus alone, by its own token: no part of the API. */
@ApiExcludeController()
// Looked at in a flood of all times.
@NotLimited()
@Controller()
export class MetricsController {
  constructor(
    private readonly exposition: ExpositionService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('metrics')
  @Header('cache-control', 'no-store')
  async read(
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { token } = this.settings.metrics;
    if (token === '') throw new NotFoundError('Metrics are not offered here: metrics.token is not set.', 'NOT_FOUND');
    if (!bringsToken(authorization, token)) {
      void reply.header('www-authenticate', 'Bearer');
      throw new UnauthorizedError('Metrics ask for the bearer token metrics.token.', 'METRICS_TOKEN');
    }
    void reply.type(this.exposition.contentType);
    return this.exposition.expose();
  }
}
