import { Global, Module } from '@nestjs/common';
import { TASK_SCHEDULES } from './client/index.js';
import { DispatchModule, TaskExplanations } from './dispatch/index.js';

/** Lets the client's routes say why a task waits: the client side may not know who schedules. */
@Global()
@Module({
  imports: [DispatchModule],
  providers: [{ provide: TASK_SCHEDULES, useExisting: TaskExplanations }],
  exports: [TASK_SCHEDULES],
})
export class TaskSchedulesModule {}
