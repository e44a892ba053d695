import { v7, validate } from 'uuid';

/** Ids that cross databases: UUIDv7, so that they sort by time and need no counter of any one server. */
export function newId(): string {
  return v7();
}

/** Whether it has the form of one. */
export function isId(text: string): boolean {
  return validate(text);
}
