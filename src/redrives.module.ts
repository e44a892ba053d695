import { Global, Module } from '@nestjs/common';
import { REDRIVES } from './admin/index.js';
import { ClientModule, RedriveTasksService } from './client/index.js';

/** Lets admins run users' failed tasks again: the wish is the client module's to make, which admins may not know. */
@Global()
@Module({
  imports: [ClientModule],
  providers: [{ provide: REDRIVES, useExisting: RedriveTasksService }],
  exports: [REDRIVES],
})
export class RedrivesModule {}
