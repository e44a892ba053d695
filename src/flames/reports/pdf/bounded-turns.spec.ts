import { BoundedTurns } from './bounded-turns.js';

describe('BoundedTurns', () => {
  it('runs one at a time, lets so many wait, and turns the next away until there is room', async () => {
    const turns = new BoundedTurns(1);
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<string>((_, reject) => (fail = reject));
    let secondBegan = false;
    const one = turns.take(() => work);
    const two = turns.take(async () => {
      secondBegan = true;
    });
    expect([secondBegan, turns.take(async () => undefined)]).toEqual([false, undefined]);
    fail(new Error('failed'));
    await expect(one).rejects.toThrow('failed');
    await two;
    expect(secondBegan).toBe(true);
    expect(await turns.take(async () => 'room')).toBe('room');
  });
});
