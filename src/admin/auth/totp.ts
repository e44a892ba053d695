import { createHash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'ComfyUI Web Service';
/** One time step either way: phones' clocks are off by seconds, and people type slowly. */
const TOLERANCE_SECONDS = 30;
const RECOVERY_CODES = 10;
/** Eighty bits: nobody finds one by trying, so that a plain hash keeps it as well as a slow one. */
const RECOVERY_CODE_BYTES = 10;

export interface NewTotp {
  /** In base32, as authenticator apps take it. */
  secret: string;
  /** The same as an otpauth:// address, for a QR code. */
  uri: string;
}

export function makeTotp(username: string): NewTotp {
  const secret = generateSecret();
  return { secret, uri: generateURI({ issuer: ISSUER, label: username, secret }) };
}

export function isTotpCode(code: string): boolean {
  return /^\d{6}$/.test(code);
}

/** The time step whose code this is, of those around `now`; undefined where it is none of theirs. */
export function findTimeStep(secret: string, code: string, now: Date): number | undefined {
  if (!isTotpCode(code)) return undefined;
  const epoch = Math.floor(now.getTime() / 1_000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: TOLERANCE_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}

/** Codes such as `3f9a-71c0-…`, for the day on which the phone is gone. */
export function makeRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    randomBytes(RECOVERY_CODE_BYTES).toString('hex').match(/.{4}/g)!.join('-'),
  );
}

/** People write codes down in their own way: case, blanks and dashes do not count. */
export function hashRecoveryCode(code: string): string {
  const bare = code.toLowerCase().replace(/[\s-]/g, '');
  return createHash('sha256').update(bare).digest('hex');
}

/** A code as it is typed: authenticator apps show `123 456`. */
export function withoutBlanks(code: string): string {
  return code.replace(/\s/g, '');
}
