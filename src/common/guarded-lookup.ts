import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { isPublicAddress } from './public-address.js';

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Told alike of a name that is unknown and of one inside: what our own network calls its machines, and where they are, is
 * nobody's to find out. The cause is for the log.
 */
export class HostRefusedError extends Error {
  /** `what` names the caller's host: "The host of the webhook". */
  constructor(what: string, cause: Error) {
    super(`${what} could not be reached: it must be known to the public DNS with public addresses alone.`, { cause });
  }
}

export interface LookupGuard {
  /** How a refusal names the host: "The host of the webhook". */
  what: string;
  isAllowed?: (address: string) => boolean;
}

/**
 * A look-up for connections to addresses that users chose. What a name stands for is checked in the very look-up that the
 * connection then uses: a name that shows a public address first and a private one afterwards gets nowhere.
 * A literal address is connected to without any look-up: check it before.
 */
export function guardedLookup({ what, isAllowed = isPublicAddress }: LookupGuard) {
  return (name: string, options: LookupOptions, done: LookupDone): void => {
    lookUp(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(new HostRefusedError(what, error), []);
      const refused = addresses.find(({ address }) => !isAllowed(address));
      if (refused) return done(refuseHost(what, name, refused.address), []);
      const [first] = addresses;
      if (options.all || !first) return done(null, addresses);
      done(null, first.address, first.family);
    });
  };
}

export function refuseHost(what: string, host: string, address: string): HostRefusedError {
  return new HostRefusedError(what, new Error(`${host} stands for ${address}, which may not be connected to`));
}
