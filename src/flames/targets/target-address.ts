import { isIP } from 'node:net';
import {
  findAddressProblem,
  hostOf,
  InvalidInputError,
  isPrivateNetworkAddress,
  isPublicAddress,
} from '../../common/index.js';

export interface BaseAddress {
  /** What `/chat/completions` is added to; no slash at its end. */
  baseUrl: string;
  /** What stood behind the question mark, and goes with every request. */
  query: Record<string, string>;
}

interface AddressRules {
  allowPrivate: boolean;
  /** The field of the request that the address came in. */
  field: string;
}

/** An address is kept and shown as it is; such a part of it would be a key that is neither sealed nor destroyed. */
const NAMES_A_KEY =
  /^(.*[-_.])?((api|access|subscription)?_?key|token|code|secret|password|signature|sig|authorization)$/i;
const CHAT_PATH = /\/chat\/completions$/;
const VERSION = /\/v\d\w*(\/|$)/;

/** Whether models may be asked at this address: link-local and metadata addresses never, private ones where allowed. */
export function isTargetAddress(address: string, allowPrivate: boolean): boolean {
  return isPublicAddress(address) || (allowPrivate && isPrivateNetworkAddress(address));
}

/** The guard for addresses that somebody names. Names are looked up at each connection. */
export function checkTargetAddress(text: string, { allowPrivate, field }: AddressRules): URL {
  const problem = findAddressProblem(text, { allowPrivate });
  if (problem) throw new InvalidInputError([{ field, message: `${field} ${problem}.` }]);
  const url = new URL(text);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isTargetAddress(host, allowPrivate))
    throw new InvalidInputError([{ field, message: `${field} must be no link-local or special address.` }]);
  const key = [...url.searchParams.keys()].find((name) => NAMES_A_KEY.test(name));
  if (key === undefined) return url;
  const message = `${field} must hold no key: take ${key} out of it and give the key in its own field.`;
  throw new InvalidInputError([{ field, message }]);
}

/**
 * People write an API's address in many ways. A path that ends in /chat/completions is taken at its word; else a path
 * without a version (v1, v4, v1beta) gets /v1, as the published clients expect it.
 */
export function readApiSite(apiSite: string, allowPrivate: boolean): BaseAddress {
  const url = checkTargetAddress(apiSite.trim(), { allowPrivate, field: 'api_site' });
  const path = url.pathname.replace(/\/+$/, '');
  const isWhole = CHAT_PATH.test(path);
  const base = path.replace(CHAT_PATH, '').replace(/\/+$/, '');
  const versioned = isWhole || VERSION.test(base) ? base : `${base}/v1`;
  return { baseUrl: `${url.origin}${versioned}`, query: Object.fromEntries(url.searchParams) };
}
