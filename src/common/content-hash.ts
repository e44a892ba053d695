import { createHash } from 'node:crypto';

/** SHA-256 of a JSON value (64 hex digits), the same however the keys of its objects were ordered. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Whether both say the same as JSON. */
export function isSameContent(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** JSON with sorted keys and no spaces; what is undefined is left out, as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1));
    // Keys that look like numbers come first in any object, in every engine alike; the rest keeps this order.
    return Object.fromEntries(entries);
  });
}
