import { Module } from '@nestjs/common';
import { flamesDataSourceOptions } from '../../ormconfig/flames.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { DatasetsRepository } from './datasets/datasets.repository.js';
import { DatasetsService } from './datasets/datasets.service.js';

/** Red-team evaluation of chat models, in `redteam-dra`. */
@Module({
  imports: [DatabaseModule.bind('flames', flamesDataSourceOptions)],
  controllers: [DatasetsController],
  providers: [DatasetsRepository, DatasetsService],
  exports: [DatasetsService],
})
export class FlamesModule {}
