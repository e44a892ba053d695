import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps others' secrets in rows: AES-256-GCM with a nonce of its own for each. A sealed text opens only under the
 * purpose it was sealed for (`webhook:<user>`), so that it is worth nothing when copied into another row.
 */
export class SecretBox {
  private readonly key: Buffer;

  /** `encryptionKey`: 32 bytes in base64 (`secrets.encryption_key`). */
  constructor(encryptionKey: string) {
    this.key = Buffer.from(encryptionKey, 'base64');
    if (this.key.length === KEY_BYTES) return;
    throw new Error(
      `secrets.encryption_key must hold ${KEY_BYTES} bytes in base64; \`openssl rand -base64 ${KEY_BYTES}\` makes one.`,
    );
  }

  seal(secret: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${sealed.toString('base64url')}`;
  }

  /** Throws where the text was changed, sealed for another purpose or under another key. */
  open(text: string, purpose: string): string {
    const [version, body = ''] = text.split('.');
    const sealed = Buffer.from(body, 'base64url');
    if (version !== VERSION || sealed.length < NONCE_BYTES + TAG_BYTES) throw cannotOpen();
    try {
      const decipher = createDecipheriv(ALGORITHM, this.key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-TAG_BYTES));
      return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw cannotOpen(error);
    }
  }
}

function cannotOpen(cause?: unknown): Error {
  const message =
    'A stored secret cannot be opened: it was changed, or secrets.encryption_key is not the one it was kept under.';
  return new Error(message, { cause });
}
