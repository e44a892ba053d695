import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { AccessLogsModule } from './access-logs.module.js';
import { AddressRateGuard } from './address-rate.guard.js';
import { AdminModule } from './admin/index.js';
import { ClientModule } from './client/index.js';
import { CommonModule, type Logger } from './common/index.js';
import { ConfigModule, type Settings } from './config/index.js';
import { DatabasesHealth } from './database/index.js';
import { DispatchModule } from './dispatch/index.js';
import { FlamesAdminsModule } from './flames-admins.module.js';
import { FlamesModule } from './flames/index.js';
import { HealthController } from './health.controller.js';
import { JobsModule } from './jobs/index.js';
import { LiveModule } from './live/index.js';
import { OverseersModule } from './overseers.module.js';
import { RedrivesModule } from './redrives.module.js';
import { SharedModule } from './shared/index.js';
import { SightModule } from './sight/index.js';
import { StorageModule } from './storage/index.js';
import { SyncModule } from './sync/index.js';
import { TaskSchedulesModule } from './task-schedules.module.js';
import { TrialsModule } from './trials.module.js';
import { UserPortsModule } from './user-ports.module.js';

/** The whole program. Which of its parts work in this process is a matter of its roles (`server.roles`). */
@Module({})
export class AppModule {
  static with(settings: Settings, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        CommonModule.with(logger),
        ScheduleModule.forRoot(),
        OverseersModule,
        TaskSchedulesModule,
        RedrivesModule,
        TrialsModule,
        AccessLogsModule,
        UserPortsModule,
        FlamesAdminsModule,
        LiveModule,
        StorageModule,
        SharedModule,
        ClientModule,
        AdminModule,
        FlamesModule,
        SyncModule,
        DispatchModule,
        JobsModule,
        SightModule,
      ],
      controllers: [HealthController],
      providers: [DatabasesHealth, { provide: APP_GUARD, useClass: AddressRateGuard }],
    };
  }
}
