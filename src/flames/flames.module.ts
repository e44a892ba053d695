import { Module } from '@nestjs/common';
import { flamesDataSourceOptions } from '../../ormconfig/flames.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { DatasetsRepository } from './datasets/datasets.repository.js';
import { DatasetsService } from './datasets/datasets.service.js';
import { LOG_EXPORTS, LOG_PROVIDERS, REPORT_CONTROLLERS } from './reports/report-providers.js';
import { FlamesScorers } from './scoring/flames-scorers.js';
import { SCORERS } from './scoring/scorer.js';
import { CHAT_TARGETS } from './targets/chat-target.js';
import { LimiterRegistry } from './targets/limiter-registry.js';
import { OpenAiTargets } from './targets/openai-targets.js';
import { TASK_CONTROLLERS, TASK_EXPORTS, TASK_PROVIDERS } from './tasks/task-providers.js';

/** Red-team evaluation of chat models, in `redteam-dra`. */
@Module({
  imports: [DatabaseModule.bind('flames', flamesDataSourceOptions)],
  controllers: [DatasetsController, ...TASK_CONTROLLERS, ...REPORT_CONTROLLERS],
  providers: [
    DatasetsRepository,
    DatasetsService,
    LimiterRegistry,
    OpenAiTargets,
    { provide: CHAT_TARGETS, useExisting: OpenAiTargets },
    { provide: SCORERS, useClass: FlamesScorers },
    ...TASK_PROVIDERS,
    ...LOG_PROVIDERS,
  ],
  exports: [DatasetsService, ...TASK_EXPORTS, ...LOG_EXPORTS],
})
export class FlamesModule {}
