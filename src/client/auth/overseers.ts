import { SetMetadata } from '@nestjs/common';

/**
 * Says whether a header is that of somebody who oversees all users: an admin. Admins are another module's, which
 * this one must not know; the application hands in the one that knows them (src/overseers.module.ts).
 */
export interface Overseers {
  isOverseer(authorization: string | undefined): Promise<boolean>;
}

export const OVERSEERS = Symbol('overseers');

export const OPEN_TO_OVERSEERS = 'open to overseers';

/** On a route behind ClientGuard: admins enter too, and see what belongs to any user. */
export const OpenToOverseers = () => SetMetadata(OPEN_TO_OVERSEERS, true);
