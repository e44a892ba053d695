import { Global, Module } from '@nestjs/common';
import { USER_TASKS } from './admin/index.js';
import { ClientModule, OverseenTasksService } from './client/index.js';

/** What admins see and do of users and their tasks: it lies with the client module, which admins may not know. */
@Global()
@Module({
  imports: [ClientModule],
  providers: [{ provide: USER_TASKS, useExisting: OverseenTasksService }],
  exports: [USER_TASKS],
})
export class UserPortsModule {}
