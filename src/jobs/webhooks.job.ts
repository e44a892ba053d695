import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { WebhookSenderService } from '../client/index.js';
import { BackgroundLoop, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { LeaseKeeper } from '../database/index.js';
import { Signals } from '../live/index.js';

const LEASE = 'job:webhooks';

/** Has due messages sent, in one process at a time: at once after the commit in this process, by sweeps otherwise. */
@Injectable()
export class WebhooksJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: BackgroundLoop;
  private unsubscribe: (() => void) | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) logger: Logger,
    private readonly signals: Signals,
    private readonly leases: LeaseKeeper,
    private readonly sender: WebhookSenderService,
  ) {
    const { sweepMs } = settings.webhooks;
    this.loop = new BackgroundLoop({ name: LEASE, logger, sweepMs, round: () => this.run() });
  }

  onApplicationBootstrap(): void {
    const { server, jobs } = this.settings;
    if (!jobs.enabled || !server.roles.includes('jobs')) return;
    this.unsubscribe = this.signals.on('client.webhooks', () => this.loop.nudge());
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.loop.stop();
  }

  private async run(): Promise<void> {
    if (await this.leases.tryAcquire(LEASE)) await this.sender.sendDue(() => this.loop.nudge());
  }
}
