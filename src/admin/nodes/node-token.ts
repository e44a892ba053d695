import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'cwsn_';
const TOKEN = /^cwsn_([\w.:-]{1,100})~[\w-]{43}$/;

/** What a node shows to speak for itself, and for no other: it bears the node's id, and only its hash is stored. */
export function makeNodeToken(nodeId: string): string {
  return `${PREFIX}${nodeId}~${randomBytes(32).toString('base64url')}`;
}

export function isNodeToken(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** Which node a token claims to be; undefined where it is none of ours. */
export function nodeIdOfToken(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

export function hashNodeToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
