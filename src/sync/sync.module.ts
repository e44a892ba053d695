import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AdminModule } from '../admin/index.js';
import { ClientModule, ClientWorkflowsService, TaskStatesService } from '../client/index.js';
import { Clock, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { InjectOutbox, LeaseKeeper, type OutboxReader } from '../database/index.js';
import { Signals } from '../live/index.js';
import {
  GlobalTasksService,
  SharedModule,
  TASK_CHANGED,
  TASK_WISHED,
  TaskWishesService,
  WORKFLOW_PUBLISHED,
  WorkflowVersionsService,
} from '../shared/index.js';
import { AbandonedWork } from './abandoned-work.js';
import { readPublishedWorkflow, readTaskState, readTaskWish } from './event-schemas.js';
import { ProgressRelay } from './progress-relay.js';
import { Reconciler } from './reconciler.js';
import { Relay, type Route } from './relay.js';

/** All ways of events between the databases, and their start and stop. */
@Injectable()
class SyncLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  private relays: { start(): void; stop(): Promise<void> }[] = [];

  constructor(
    @InjectOutbox('client') private readonly clientOutbox: OutboxReader,
    @InjectOutbox('admin') private readonly adminOutbox: OutboxReader,
    @InjectOutbox('shared') private readonly sharedOutbox: OutboxReader,
    private readonly wishes: TaskWishesService,
    private readonly states: TaskStatesService,
    private readonly workflows: WorkflowVersionsService,
    private readonly clientWorkflows: ClientWorkflowsService,
    private readonly tasks: GlobalTasksService,
    private readonly leases: LeaseKeeper,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.server.roles.includes('sync')) return;
    const { leases, signals, clock, logger } = this;
    const context = { leases, signals, clock, logger, ...this.settings.sync };
    const progress = new ProgressRelay({
      leases,
      logger,
      read: () => this.tasks.listRunningProgress(),
      write: (rows) => this.states.applyProgress(rows),
    });
    this.relays = [...this.routes().map((route) => new Relay(route, context)), progress];
    for (const relay of this.relays) relay.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.stop()));
  }

  private routes(): Route[] {
    return [
      {
        name: 'client-to-shared',
        topic: TASK_WISHED,
        source: this.clientOutbox,
        wakeOn: 'client.outbox',
        apply: (events) => this.wishes.apply(events.map(readTaskWish)),
        onParked: ({ aggregateId }, reason) => this.states.rejectSubmit(aggregateId, reason),
      },
      {
        name: 'shared-to-client',
        topic: TASK_CHANGED,
        source: this.sharedOutbox,
        wakeOn: 'shared.outbox',
        apply: async (events) => void (await this.states.applyStates(events.map(readTaskState))),
      },
      {
        name: 'admin-to-shared',
        topic: WORKFLOW_PUBLISHED,
        source: this.adminOutbox,
        wakeOn: 'admin.outbox',
        apply: (events) => this.workflows.applyPublished(events.map(readPublishedWorkflow)),
      },
      {
        name: 'shared-to-client-workflows',
        topic: WORKFLOW_PUBLISHED,
        source: this.sharedOutbox,
        wakeOn: 'shared.outbox',
        apply: (events) => this.clientWorkflows.storeVersions(events.map(readPublishedWorkflow)),
      },
    ];
  }
}

/** The relay: client ⇄ shared, and published workflows on their way admin → shared → client. Owns no tables. */
@Module({
  imports: [ClientModule, AdminModule, SharedModule],
  providers: [AbandonedWork, Reconciler, SyncLifecycle],
  exports: [Reconciler],
})
export class SyncModule {}
