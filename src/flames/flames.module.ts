import { Module } from '@nestjs/common';
import { flamesDataSourceOptions } from '../../ormconfig/flames.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { DatasetsRepository } from './datasets/datasets.repository.js';
import { DatasetsService } from './datasets/datasets.service.js';
import { LegacyFiles } from './legacy/legacy-files.js';
import { LogSpool } from './logs/spool.js';
import { SpoolDrainService } from './logs/spool-drain.service.js';
import { TaskLogsRepository } from './logs/task-logs.repository.js';
import { TaskLogsService } from './logs/task-logs.service.js';

/** Red-team evaluation of chat models, in `redteam-dra`. */
@Module({
  imports: [DatabaseModule.bind('flames', flamesDataSourceOptions)],
  controllers: [DatasetsController],
  providers: [
    DatasetsRepository,
    DatasetsService,
    LegacyFiles,
    LogSpool,
    SpoolDrainService,
    TaskLogsRepository,
    TaskLogsService,
  ],
  exports: [DatasetsService, SpoolDrainService, TaskLogsService],
})
export class FlamesModule {}
