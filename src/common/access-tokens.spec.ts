import { AccessTokens, bearerToken } from './access-tokens.js';
import { Clock } from './clock.js';

class TestClock extends Clock {
  time = new Date('2026-03-01T12:00:00Z');
  override now(): Date {
    return this.time;
  }
}

describe('AccessTokens', () => {
  const clock = new TestClock();
  const claims = { subject: 'user', sessionId: 'session' };
  const make = (more: { signingKey?: string; audience?: string } = {}) =>
    new AccessTokens({ signingKey: 'k'.repeat(40), audience: 'client', lifetimeMs: 60_000, clock, ...more });

  it('reads what it signed until the time is over', () => {
    const tokens = make();
    const token = tokens.sign(claims, tokens.expiry());
    expect(tokens.read(token)).toEqual(claims);
    clock.time = new Date(clock.time.getTime() + 61_000);
    expect(tokens.read(token)).toBeUndefined();
  });

  it('takes no token of another audience, of another key, changed, or unsigned', () => {
    const tokens = make();
    const token = tokens.sign(claims, tokens.expiry());
    const [header, payload] = token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    const changed = `${header}.${Buffer.from('{"sub":"other"}').toString('base64url')}.${token.split('.')[2]}`;
    expect(make({ audience: 'admin' }).read(token)).toBeUndefined();
    expect(make({ signingKey: 'x'.repeat(40) }).read(token)).toBeUndefined();
    for (const wrong of [unsigned, changed, '', 'a.b.c']) expect(tokens.read(wrong)).toBeUndefined();
  });

  it('finds the token in the header', () => {
    expect(bearerToken('Bearer abc')).toBe('abc');
    expect([undefined, '', 'Basic abc', 'Bearer', 'Bearer a b'].map(bearerToken)).toEqual(Array(5).fill(undefined));
  });
});
