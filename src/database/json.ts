/** A JSON column's value: MySQL's driver hands out objects, MariaDB's text. */
export function fromJson<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}
