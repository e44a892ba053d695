import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether the header brings this bearer token; how long the comparison takes tells nothing of it. */
export function bringsToken(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
