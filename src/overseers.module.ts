import { Global, Module } from '@nestjs/common';
import { AdminAuthService, AdminModule } from './admin/index.js';
import { OVERSEERS, type Overseers } from './client/index.js';
import { UnauthorizedError } from './common/index.js';

/**
 * Tells the client's guard who is an admin. The two modules may not know each other, so the application hands the
 * one question that the client side has to the admin side. Any role may look: a viewer sees all tasks anyway.
 */
@Global()
@Module({
  imports: [AdminModule],
  providers: [{ provide: OVERSEERS, inject: [AdminAuthService], useFactory: toOverseers }],
  exports: [OVERSEERS],
})
export class OverseersModule {}

function toOverseers(admins: AdminAuthService): Overseers {
  return {
    isOverseer: async (authorization) => {
      try {
        await admins.authenticate(authorization);
        return true;
      } catch (error) {
        // Not an admin's: the client's own check says what is wrong with it. A database that is away is no answer.
        if (error instanceof UnauthorizedError) return false;
        throw error;
      }
    },
  };
}
