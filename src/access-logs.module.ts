import { Global, Module } from '@nestjs/common';
import { ACCESS_LOGS } from './admin/index.js';
import { AccessLogReads, ClientModule } from './client/index.js';

/** Lets admins read who asked for what: the log is the client module's, which admins may not know. */
@Global()
@Module({
  imports: [ClientModule],
  providers: [{ provide: ACCESS_LOGS, useExisting: AccessLogReads }],
  exports: [ACCESS_LOGS],
})
export class AccessLogsModule {}
