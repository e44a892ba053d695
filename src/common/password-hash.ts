import { hash, verify } from '@node-rs/argon2';

/**
 * argon2id (the package's default) with 19 MiB, two passes, one lane: OWASP's first choice. Some 30 ms of one core, so that a stolen table
 * is expensive to search and a sign-in is not slow.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let ofNobody: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/** Without a stored hash (nobody has that name) it works as long and says no: time does not betray who exists. */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  ofNobody ??= hashPassword('nobody has this password');
  const isRight = await verify(stored ?? (await ofNobody), password);
  return isRight && stored !== null && stored !== undefined;
}
