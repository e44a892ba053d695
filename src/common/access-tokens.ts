import { createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Clock } from './clock.js';

/** What an access token says: who, and in which session; whether that session still holds is for its row to say. */
export interface AccessClaims {
  subject: string;
  sessionId: string;
}

interface AccessTokenOptions {
  signingKey: string;
  /** A token of one side is worth nothing on the other. */
  audience: string;
  lifetimeMs: number;
  clock: Clock;
}

interface KnownToken {
  claims: AccessClaims;
  expiresSeconds: number;
}

/** Tokens remembered at most, some hundred bytes each; the one that was first seen first is forgotten first. */
const MAX_KNOWN = 10_000;

/** Signs and reads access tokens: JWTs with HS256, bound to one audience and to a session. */
export class AccessTokens {
  private readonly jwt: JwtService;
  /** A signature that held once holds for ever; only the time has to be looked at again. */
  private readonly known = new Map<string, KnownToken>();

  constructor(private readonly options: AccessTokenOptions) {
    // Made once: from text the library would try to read a public key, with each token anew.
    this.jwt = new JwtService({ secret: createSecretKey(Buffer.from(options.signingKey)) });
  }

  expiry(): Date {
    return new Date(this.options.clock.now().getTime() + this.options.lifetimeMs);
  }

  sign({ subject, sessionId }: AccessClaims, expiresAt: Date): string {
    const { audience, clock } = this.options;
    const times = { iat: toSeconds(clock.now()), exp: toSeconds(expiresAt) };
    return this.jwt.sign({ sub: subject, sid: sessionId, aud: audience, ...times }, { algorithm: 'HS256' });
  }

  /** The claims of a token that we signed for this audience and that has not expired; otherwise undefined. */
  read(token: string): AccessClaims | undefined {
    const nowSeconds = toSeconds(this.options.clock.now());
    const known = this.known.get(token) ?? this.verify(token, nowSeconds);
    return known && nowSeconds < known.expiresSeconds ? known.claims : undefined;
  }

  private verify(token: string, nowSeconds: number): KnownToken | undefined {
    try {
      const { sub, sid, exp } = this.jwt.verify<{ sub?: unknown; sid?: unknown; exp?: unknown }>(token, {
        audience: this.options.audience,
        algorithms: ['HS256'],
        clockTimestamp: nowSeconds,
      });
      if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number') return undefined;
      return this.remember(token, { claims: { subject: sub, sessionId: sid }, expiresSeconds: exp });
    } catch {
      return undefined;
    }
  }

  private remember(token: string, known: KnownToken): KnownToken {
    const oldest = this.known.keys().next();
    if (this.known.size >= MAX_KNOWN && !oldest.done) this.known.delete(oldest.value);
    this.known.set(token, known);
    return known;
  }
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}

function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1_000);
}
