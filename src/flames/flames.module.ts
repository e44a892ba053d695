import { Module } from '@nestjs/common';
import { flamesDataSourceOptions } from '../../ormconfig/flames.js';
import { DatabaseModule } from '../database/index.js';

/** Red-team evaluation of chat models, in `redteam-dra`. */
@Module({ imports: [DatabaseModule.bind('flames', flamesDataSourceOptions)] })
export class FlamesModule {}
