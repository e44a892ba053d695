import { jest } from '@jest/globals';
import type { PromptTimes } from '../../shared/index.js';
import { LearnedTimes } from './learned-times.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const turn = () => new Promise((resolve) => setImmediate(resolve));

const NOTHING = { acceptedAt: null, startedAt: null };

type Write = (times: PromptTimes) => Promise<boolean>;

describe('LearnedTimes', () => {
  it('writes the end at once, with what is learned meanwhile, and says when all of it is on record', async () => {
    const ends: ((isOurs: boolean) => void)[] = [];
    const write = jest.fn<Write>(() => new Promise((resolve) => ends.push(resolve)));
    const times = new LearnedTimes(write, NOTHING);
    times.learn('acceptedAt', at(1));
    expect(write).not.toHaveBeenCalled();
    times.learn('endedAt', at(3));
    times.learn('startedAt', at(2));
    const written = times.written();
    ends[0]!(true);
    await turn();
    ends[1]!(true);
    expect(await written).toBe(true);
    expect(write.mock.calls).toEqual([
      [{ acceptedAt: at(1), endedAt: at(3) }],
      [{ acceptedAt: at(1), startedAt: at(2), endedAt: at(3) }],
    ]);
  });

  it('gathers what comes before the end for a moment, and writes it without being asked', async () => {
    jest.useFakeTimers();
    const write = jest.fn<Write>().mockResolvedValue(true);
    const times = new LearnedTimes(write, NOTHING);
    times.learn('acceptedAt', at(1));
    times.learn('startedAt', at(2));
    expect(write).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(write.mock.calls).toEqual([[{ acceptedAt: at(1), startedAt: at(2) }]]);
    jest.useRealTimers();
  });

  it('takes what runs for accepted, and the first time of each for the true one', async () => {
    const write = jest.fn<Write>().mockResolvedValue(true);
    const times = new LearnedTimes(write, NOTHING);
    times.learn('startedAt', at(2));
    await times.written();
    times.learn('startedAt', at(9));
    await times.written();
    expect(write.mock.calls).toEqual([[{ acceptedAt: at(2), startedAt: at(2) }]]);
  });

  it('writes nothing that stands on record', async () => {
    const write = jest.fn<Write>().mockResolvedValue(true);
    const times = new LearnedTimes(write, { acceptedAt: at(1), startedAt: null });
    times.learn('acceptedAt', at(2));
    expect(await times.written()).toBe(true);
    expect(write).not.toHaveBeenCalled();
    expect([times.knows('acceptedAt'), times.knows('startedAt')]).toEqual([true, false]);
  });

  it('tries again what failed when somebody waits for it', async () => {
    const write = jest.fn<Write>().mockRejectedValueOnce(new Error('away')).mockResolvedValue(true);
    const times = new LearnedTimes(write, NOTHING);
    times.learn('acceptedAt', at(1));
    await times.settled();
    expect(await times.written()).toBe(true);
    expect(write).toHaveBeenCalledTimes(2);
  });

  it('I8 tells whoever waits that the attempt is not ours any more', async () => {
    const times = new LearnedTimes(() => Promise.resolve(false), NOTHING);
    times.learn('endedAt', at(1));
    expect(await times.written()).toBe(false);
  });
});
