import { randomBytes } from 'node:crypto';

/** A seed between 0 and 2^53 − 1: the largest range that a JSON number carries without loss. */
export function drawSeed(): number {
  return Number(randomBytes(8).readBigUInt64BE() >> 11n);
}
