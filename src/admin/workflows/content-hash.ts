import { createHash } from 'node:crypto';
import type { WorkflowDefinition } from '../../shared/index.js';

/** SHA-256 of the definition, the same however its keys were ordered. */
export function contentHash(definition: WorkflowDefinition): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
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
