import { Global, Module } from '@nestjs/common';
import { AdminAuthService, AdminModule, requireRole } from './admin/index.js';
import { FLAMES_ADMINS, type FlamesAdmins } from './flames/index.js';

/** Tells the evaluation service who is an admin, and of which role: it may not know the module that knows. */
@Global()
@Module({
  imports: [AdminModule],
  providers: [{ provide: FLAMES_ADMINS, inject: [AdminAuthService], useFactory: toFlamesAdmins }],
  exports: [FLAMES_ADMINS],
})
export class FlamesAdminsModule {}

function toFlamesAdmins(admins: AdminAuthService): FlamesAdmins {
  return {
    authenticate: async (authorization, needed) => {
      const { adminUserId: adminId, username, role } = await admins.authenticate(authorization);
      requireRole(role, needed);
      return { adminId, username, role };
    },
  };
}
