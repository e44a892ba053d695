import ipaddr from 'ipaddr.js';
import { InvalidInputError } from '../../common/index.js';

export interface NodeAddress {
  /** Without a slash at its end. */
  url: string;
  host: string;
  port: number;
}

/** The one way to write a node's base address, so that the same node is not registered twice. Throws 422. */
export function parseNodeAddress(text: string): NodeAddress {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash) {
    const message = `url holds ${JSON.stringify(text)}; it must be the base address of a ComfyUI, such as http://10.0.0.5:8188.`;
    throw new InvalidInputError([{ field: 'url', message }]);
  }
  const path = url.pathname.replace(/\/+$/, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url: `${url.protocol}//${url.host}${path}`, host: url.hostname, port };
}

/** Whether both texts are one address; a name is never one, as what it stands for may change. */
export function isSameHost(host: string, ipAddress: string): boolean {
  if (!ipaddr.isValid(host) || !ipaddr.isValid(ipAddress)) return false;
  return ipaddr.process(host).toString() === ipaddr.process(ipAddress).toString();
}

/** A readable id for a node that was given none. */
export function nodeIdOf({ host, port }: NodeAddress): string {
  return `node-${host.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')}-${port}`.slice(0, 100);
}
