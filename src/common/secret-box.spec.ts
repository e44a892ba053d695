import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

const key = () => randomBytes(32).toString('base64');

describe('SecretBox', () => {
  const box = new SecretBox(key());

  it.each(['', 'whsec_abc', 'ключ 鍵 🔑'])('gives back what it was given: %j', (secret) => {
    expect(box.open(box.seal(secret, 'webhook:a'), 'webhook:a')).toBe(secret);
  });

  it('shows nothing of the secret, and never writes the same twice', () => {
    const sealed = box.seal('whsec_abc', 'webhook:a');
    expect(Buffer.from(sealed.slice(3), 'base64url').includes('whsec')).toBe(false);
    expect(box.seal('whsec_abc', 'webhook:a')).not.toBe(sealed);
  });

  it('opens nothing for another purpose, under another key, or after a change', () => {
    const sealed = box.seal('whsec_abc', 'webhook:a');
    expect(() => box.open(sealed, 'webhook:b')).toThrow('cannot be opened');
    expect(() => new SecretBox(key()).open(sealed, 'webhook:a')).toThrow('cannot be opened');
    const last = sealed.at(-3) === 'A' ? 'B' : 'A';
    expect(() => box.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, 'webhook:a')).toThrow('cannot be opened');
    for (const text of ['', 'v1.', 'v2.abc', 'whsec_abc']) {
      expect(() => box.open(text, 'webhook:a')).toThrow('cannot be opened');
    }
  });

  it('refuses a key of another length, and says how to make one', () => {
    expect(() => new SecretBox('c2hvcnQ=')).toThrow('openssl rand -base64 32');
  });
});
