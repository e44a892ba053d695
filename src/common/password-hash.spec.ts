import { hashPassword, verifyPassword } from './password-hash.js';

describe('verifyPassword', () => {
  it('knows the right password, and none of nobody', async () => {
    const stored = await hashPassword('correct horse');
    expect(await verifyPassword(stored, 'correct horse')).toBe(true);
    expect(await verifyPassword(stored, 'wrong horse')).toBe(false);
    for (const nobody of [undefined, null])
      expect(await verifyPassword(nobody, 'nobody has this password')).toBe(false);
  });

  it('takes as long for a name that nobody has as for a wrong password', async () => {
    const stored = await hashPassword('correct horse');
    await verifyPassword(undefined, 'warms up');
    const fastestMs = async (hash: string | undefined) => {
      const times: number[] = [];
      for (let time = 0; time < 5; time += 1) {
        const startedMs = performance.now();
        await verifyPassword(hash, 'wrong horse');
        times.push(performance.now() - startedMs);
      }
      return Math.min(...times);
    };
    // Without the work it would be a hundredth; the bound leaves room for a busy machine.
    expect(await fastestMs(undefined)).toBeGreaterThan(0.3 * (await fastestMs(stored)));
  });
});
