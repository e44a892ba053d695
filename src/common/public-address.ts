import ipaddr from 'ipaddr.js';

/** Answers to requests from inside a cloud's network alone, although it looks like any other address. */
const INSIDE_CLOUDS = new Set(['168.63.129.16']);
/** Amazon's over IPv6, Alibaba's. Most others stand on 169.254.169.254, which is link-local. */
const CLOUD_METADATA = new Set(['fd00:ec2::254', '100.100.100.200']);
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** True for addresses of the public internet: not private, local, link-local, multicast, reserved or a tunnel to such. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !INSIDE_CLOUDS.has(parsed.toString());
}

/**
 * True for addresses of a machine's or a company's own network. Never for link-local ones, nor for those under which
 * clouds hand out their machines' credentials, two of which lie in ranges that are otherwise private.
 */
export function isPrivateNetworkAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return PRIVATE_RANGES.has(parsed.range()) && !CLOUD_METADATA.has(parsed.toString());
}

/**
 * What is wrong with an address that a user names; undefined where nothing is. Names are looked up at each sending:
 * what a name stands for today says nothing about tomorrow.
 */
export function findAddressProblem(text: string, { allowPrivate }: { allowPrivate: boolean }): string | undefined {
  if (text.length > 500) return 'may hold 500 characters at most';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return 'must be an address that begins with http(s)://';
  if (url.username || url.password) return 'must hold no user name and no password';
  const host = hostOf(url);
  if (!allowPrivate && ipaddr.isValid(host) && !isPublicAddress(host))
    return 'must be an address of the public internet';
  return undefined;
}

/** Without the brackets around IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
