import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotLimited } from './address-rate.guard.js';
import { Clock } from './common/index.js';
import { ROLES, SETTINGS, type Settings } from './config/index.js';
import { DatabasesHealth } from './database/index.js';
import { BLOB_STORE, type BlobStore } from './storage/index.js';

const HEALTHY = {
  status: 'healthy',
  timestamp: '2026-11-22T10:00:00.000Z',
  roles: ROLES,
  databases: { client: 'up', admin: 'up', shared: 'up', flames: 'up' },
  storage: 'up',
};

/** Whether the service works, for load balancers and people; open to everybody. */
@ApiTags('health')
// Asked for in a flood too, or a load balancer would take the service for dead.
@NotLimited()
@Controller()
export class HealthController {
  constructor(
    private readonly databases: DatabasesHealth,
    private readonly clock: Clock,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get(['api/health', 'api/v2/health'])
  @ApiOperation({ summary: 'State of the service and its databases; 503 where one does not answer' })
  @ApiOkResponse({ schema: { example: HEALTHY } })
  @ApiServiceUnavailableResponse({
    schema: { example: { ...HEALTHY, status: 'unhealthy', databases: { ...HEALTHY.databases, shared: 'down' } } },
  })
  async health(@Res({ passthrough: true }) reply: FastifyReply) {
    const problems = await this.databases.check();
    const storage = await this.store.findProblem();
    const isHealthy = [storage, ...Object.values(problems)].every((problem) => problem === undefined);
    void reply.status(isHealthy ? 200 : 503);
    return {
      status: isHealthy ? 'healthy' : 'unhealthy',
      timestamp: this.clock.now().toISOString(),
      roles: this.settings.server.roles,
      databases: Object.fromEntries(Object.entries(problems).map(([name, problem]) => [name, problem ? 'down' : 'up'])),
      storage: storage ? 'down' : 'up',
    };
  }
}
