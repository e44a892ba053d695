import { generateSync } from 'otplib';
import { findTimeStep, hashRecoveryCode, makeRecoveryCodes, makeTotp } from './totp.js';

const NOW = new Date('2026-11-22T10:00:05Z');
const STEP = Math.floor(NOW.getTime() / 30_000);

describe('makeTotp', () => {
  it('makes another secret each time, and says for whom it is', () => {
    const { secret, uri } = makeTotp('ada');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(makeTotp('ada').secret).not.toBe(secret);
    expect(uri).toBe(`otpauth://totp/ComfyUI%20Web%20Service:ada?secret=${secret}&issuer=ComfyUI%20Web%20Service`);
  });
});

describe('findTimeStep', () => {
  const { secret } = makeTotp('ada');
  const codeOf = (step: number) => generateSync({ secret, epoch: step * 30 });

  it('agrees with the example of RFC 6238', () => {
    const rfc = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(findTimeStep(rfc, '287082', new Date(59_000))).toBe(1);
  });

  it.each([
    [-2, undefined],
    [-1, STEP - 1],
    [0, STEP],
    [1, STEP + 1],
    [2, undefined],
  ])('takes a clock that is off by %i steps as %p', (off, step) => {
    expect(findTimeStep(secret, codeOf(STEP + off), NOW)).toBe(step);
  });

  it.each(['', '12345', '1234567', 'abcdef', '١٢٣٤٥٦', '12345\n'])('knows nothing of %j', (code) => {
    expect(findTimeStep(secret, code, NOW)).toBeUndefined();
  });
});

describe('recovery codes', () => {
  it('are ten different ones, and read in whatever way they were written down', () => {
    const codes = makeRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9a-f]{4}(-[0-9a-f]{4}){4}$/);
    expect(hashRecoveryCode(codes[0]!.toUpperCase().replaceAll('-', ' '))).toBe(hashRecoveryCode(codes[0]!));
    expect(hashRecoveryCode(codes[0]!)).not.toBe(hashRecoveryCode(codes[1]!));
  });
});
