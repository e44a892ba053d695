/** What is wrong, by the rule that it breaks; rules without an entry hold. */
export type Violations = Record<string, unknown[]>;

/** Rules that name what is broken, in the words of the last line. */
export function merge(...parts: Violations[]): Violations {
  const all: Violations = {};
  for (const part of parts)
    for (const [rule, found] of Object.entries(part)) all[rule] = [...(all[rule] ?? []), ...found];
  return all;
}

export function countAll(violations: Violations): number {
  return Object.values(violations).reduce((sum, found) => sum + found.length, 0);
}
