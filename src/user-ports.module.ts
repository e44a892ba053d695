import { Global, Module } from '@nestjs/common';
import { CLIENT_ACCOUNTS, USER_TASKS, USER_UPLOADS } from './admin/index.js';
import { ClientModule, OverseenAccountsService, OverseenTasksService, UploadsService } from './client/index.js';

/** What admins see and do of users and their tasks: it lies with the client module, which admins may not know. */
@Global()
@Module({
  imports: [ClientModule],
  providers: [
    { provide: CLIENT_ACCOUNTS, useExisting: OverseenAccountsService },
    { provide: USER_TASKS, useExisting: OverseenTasksService },
    { provide: USER_UPLOADS, useExisting: UploadsService },
  ],
  exports: [CLIENT_ACCOUNTS, USER_TASKS, USER_UPLOADS],
})
export class UserPortsModule {}
