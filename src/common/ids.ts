import { v7 } from 'uuid';

/** Ids that cross databases: UUIDv7, so that they sort by time and need no counter of any one server. */
export function newId(): string {
  return v7();
}
