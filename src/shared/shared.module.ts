import { Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { Clock, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import {
  Database,
  databaseToken,
  DatabaseModule,
  LeaseKeeper,
  outboxProvider,
  outboxToken,
} from '../database/index.js';
import { AbandonedWorkRepository } from './assignments/abandoned-work.repository.js';
import { AssignmentsRepository } from './assignments/assignments.repository.js';
import { NodeAttemptsRepository } from './assignments/node-attempts.repository.js';
import { PromptMarksRepository } from './assignments/prompt-marks.repository.js';
import { RunTimesRepository } from './assignments/run-times.repository.js';
import { ClaimsService } from './assignments/claims.service.js';
import { SettlementsService } from './assignments/settlements.service.js';
import { TaskParametersRepository } from './assignments/task-parameters.repository.js';
import { BlobKeeper } from './files/blob-keeper.js';
import { BlobSweepService } from './files/blob-sweep.service.js';
import { BlobsRepository } from './files/blobs.repository.js';
import { RenditionsRepository } from './files/renditions.repository.js';
import { RenditionsService } from './files/renditions.service.js';
import { ResultsRepository } from './files/results.repository.js';
import { StoredFilesRepository } from './files/stored-files.repository.js';
import { UploadedFilesRepository } from './files/uploaded-files.repository.js';
import { UploadedFilesService } from './files/uploaded-files.service.js';
import { InstallationService } from './installation.service.js';
import { CountsRepository } from './statistics/counts.repository.js';
import { StatisticsMarksRepository } from './statistics/statistics-marks.repository.js';
import { StatisticsReadsRepository } from './statistics/statistics-reads.repository.js';
import { StatisticsService } from './statistics/statistics.service.js';
import { TaskFactsRepository } from './statistics/task-facts.repository.js';
import { TaskStatisticsService } from './statistics/task-statistics.service.js';
import { UserStatisticsRepository } from './statistics/user-statistics.repository.js';
import { DeadLettersRepository } from './tasks/dead-letters.repository.js';
import { ForgottenTasksRepository } from './tasks/forgotten-tasks.repository.js';
import { ForgottenTasksService } from './tasks/forgotten-tasks.service.js';
import { GlobalTasksRepository } from './tasks/global-tasks.repository.js';
import { GlobalTasksService } from './tasks/global-tasks.service.js';
import { ModelUsesRepository } from './tasks/model-uses.repository.js';
import { QueueFiguresRepository } from './tasks/queue-figures.repository.js';
import { QueueFiguresService } from './tasks/queue-figures.service.js';
import { QueuePlacesRepository } from './tasks/queue-places.repository.js';
import { QueueRepository } from './tasks/queue.repository.js';
import { TaskDigestsRepository } from './tasks/task-digests.repository.js';
import { TaskDigestsService } from './tasks/task-digests.service.js';
import { TaskPrioritiesRepository } from './tasks/task-priorities.repository.js';
import { TaskRecordsRepository } from './tasks/task-records.repository.js';
import { TaskSearchRepository } from './tasks/task-search.repository.js';
import { TaskSearchService } from './tasks/task-search.service.js';
import { TaskStatesRepository } from './tasks/task-states.repository.js';
import { TaskTransitions } from './tasks/task-transitions.js';
import { TaskWishesRepository } from './tasks/task-wishes.repository.js';
import { TaskWishesService } from './tasks/task-wishes.service.js';
import { WorkflowVersionsService } from './workflows/workflow-versions.service.js';

/** Claims the store before anything runs, and keeps this process's leases alive while it does. */
@Injectable()
class SharedLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly leases: LeaseKeeper,
    private readonly installation: InstallationService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.installation.claimStore();
    this.leases.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.leases.stop();
  }
}

const PUBLIC = [
  AbandonedWorkRepository,
  AssignmentsRepository,
  BlobKeeper,
  BlobsRepository,
  BlobSweepService,
  ClaimsService,
  DeadLettersRepository,
  ForgottenTasksService,
  GlobalTasksService,
  InstallationService,
  LeaseKeeper,
  NodeAttemptsRepository,
  PromptMarksRepository,
  ModelUsesRepository,
  QueueFiguresService,
  QueuePlacesRepository,
  QueueRepository,
  RenditionsService,
  RunTimesRepository,
  SettlementsService,
  StatisticsService,
  TaskDigestsService,
  TaskParametersRepository,
  TaskStatisticsService,
  StoredFilesRepository,
  TaskPrioritiesRepository,
  TaskRecordsRepository,
  TaskSearchService,
  TaskWishesService,
  UploadedFilesService,
  WorkflowVersionsService,
];

/** The database `comfyui_shared`: the one queue, attempts, files, leases, published workflows. */
@Module({
  imports: [DatabaseModule.bind('shared', sharedDataSourceOptions)],
  providers: [
    ...PUBLIC.filter((provider) => provider !== LeaseKeeper),
    {
      provide: LeaseKeeper,
      inject: [databaseToken('shared'), Clock, LOGGER, SETTINGS],
      useFactory: (database: Database, clock: Clock, logger: Logger, settings: Settings) =>
        new LeaseKeeper({
          database,
          clock,
          logger: logger.child({ component: LeaseKeeper.name }),
          ttlMs: settings.dispatch.leaseTtlMs,
          renewMs: settings.dispatch.leaseRenewMs,
        }),
    },
    outboxProvider('shared'),
    ForgottenTasksRepository,
    CountsRepository,
    GlobalTasksRepository,
    QueueFiguresRepository,
    RenditionsRepository,
    ResultsRepository,
    SharedLifecycle,
    StatisticsMarksRepository,
    StatisticsReadsRepository,
    TaskDigestsRepository,
    TaskFactsRepository,
    TaskSearchRepository,
    TaskStatesRepository,
    TaskTransitions,
    TaskWishesRepository,
    UploadedFilesRepository,
    UserStatisticsRepository,
  ],
  exports: [...PUBLIC, outboxToken('shared')],
})
export class SharedModule {}
