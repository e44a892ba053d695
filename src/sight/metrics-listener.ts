import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { ExpositionService } from './exposition.service.js';
import { bringsToken } from './metrics-access.js';

/**
 * `/metrics` on a port of its own, for processes without the role `api` and for networks that only Prometheus reaches.
 * Where there is a token, it is asked for here too.
 */
@Injectable()
export class MetricsListener implements OnApplicationBootstrap, OnModuleDestroy {
  private server: Server | undefined;

  constructor(
    private readonly exposition: ExpositionService,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metrics, server } = this.settings;
    if (metrics.token !== '' || metrics.port !== 0) this.exposition.watchProcess();
    if (metrics.port === 0) return;
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.listen(metrics.port, server.host);
    // A port that is taken stops the start, as that of the service itself does.
    await once(this.server, 'listening');
  }

  onModuleDestroy(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer({ url, method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token } = this.settings.metrics;
    if (url?.split('?', 1)[0] !== '/metrics' || method !== 'GET') return end(response, 404, 'GET /metrics is all.\n');
    if (token !== '' && !bringsToken(headers.authorization, token)) {
      response.setHeader('www-authenticate', 'Bearer');
      return end(response, 401, 'The bearer token metrics.token is asked for.\n');
    }
    try {
      const text = await this.exposition.expose();
      response.setHeader('content-type', this.exposition.contentType);
      end(response, 200, text);
    } catch (error) {
      this.logger.error({ err: error }, 'metrics could not be told');
      end(response, 500, 'The log says why.\n');
    }
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}
