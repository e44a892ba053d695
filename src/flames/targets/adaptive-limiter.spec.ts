import { TestClock } from '../../../test/support/test-clock.js';
import { waitFor } from '../../../test/support/wait-for.js';
import { AdaptiveLimiter } from './adaptive-limiter.js';
import { LimiterRegistry } from './limiter-registry.js';

interface Job {
  taskId: string;
  end: () => void;
}

describe('AdaptiveLimiter', () => {
  let clock: TestClock;
  let running: Job[];

  beforeEach(() => {
    clock = new TestClock();
    running = [];
  });

  function enter(limiter: AdaptiveLimiter, taskId: string, signal?: AbortSignal): Promise<void> {
    return limiter.run(taskId, () => new Promise((resolve) => running.push({ taskId, end: resolve })), signal);
  }

  async function endFirst(): Promise<void> {
    running.shift()!.end();
    await new Promise(setImmediate);
  }

  it('lets as many run as its width, and the next one when one has ended', async () => {
    const limiter = new AdaptiveLimiter(2, clock);
    const all = [1, 2, 3].map(() => enter(limiter, 'a'));
    await new Promise(setImmediate);
    expect(running).toHaveLength(2);
    await endFirst();
    expect(running).toHaveLength(2);
    await endFirst();
    await endFirst();
    await Promise.all(all);
    expect(limiter.isIdle).toBe(true);
  });

  it('lets tasks take turns, however many requests each has', async () => {
    const limiter = new AdaptiveLimiter(1, clock);
    for (const taskId of ['a', 'a', 'a', 'a', 'b', 'b', 'c']) void enter(limiter, taskId);
    const order: string[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      await new Promise(setImmediate);
      order.push(running[0]!.taskId);
      await endFirst();
    }
    expect(order.join('')).toBe('aabcaba');
  });

  it('goes on after a failure of the work', async () => {
    const limiter = new AdaptiveLimiter(1, clock);
    await expect(limiter.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(limiter.run('a', () => Promise.resolve(7))).resolves.toBe(7);
  });

  it('halves its width once for a burst of refusals, and never below one', async () => {
    const limiter = new AdaptiveLimiter(8, clock);
    const refuse = () => limiter.run('a', async () => limiter.cut());
    await Promise.all(Array.from({ length: 8 }, refuse));
    expect(limiter.width).toBe(4);
    await refuse();
    expect(limiter.width).toBe(2);
    await refuse();
    await refuse();
    await refuse();
    expect(limiter.width).toBe(1);
  });

  it('grows by one for a round of answers, up to its ceiling', () => {
    const limiter = new AdaptiveLimiter(8, clock);
    limiter.cut();
    expect(limiter.width).toBe(4);
    for (let answers = 0; answers < 4; answers += 1) limiter.grow();
    expect(limiter.width).toBe(4);
    limiter.grow();
    expect(limiter.width).toBe(5);
    for (let answers = 0; answers < 100; answers += 1) limiter.grow();
    expect(limiter.width).toBe(8);
  });

  it('holds everybody back for as long as the API asks', async () => {
    const limiter = new AdaptiveLimiter(4, clock);
    limiter.cut(50);
    const entered = [enter(limiter, 'a'), enter(limiter, 'b')];
    clock.advance(49);
    void enter(limiter, 'c');
    expect(running).toHaveLength(0);
    clock.advance(1);
    await waitFor(() => running.length === 2);
    await endFirst();
    await endFirst();
    await Promise.all(entered);
    await waitFor(() => running.length === 1);
    await endFirst();
  });

  it('lets go of who stops waiting', async () => {
    const limiter = new AdaptiveLimiter(1, clock);
    void enter(limiter, 'a');
    const cancel = new AbortController();
    const waiting = enter(limiter, 'b', cancel.signal);
    const reason = new Error('cancelled');
    cancel.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(enter(limiter, 'b', cancel.signal)).rejects.toBe(reason);
    await new Promise(setImmediate);
    await endFirst();
    expect(limiter.isIdle).toBe(true);
  });

  it('grows with a task that may ask for more at once, unless it was cut', () => {
    const limiter = new AdaptiveLimiter(4, clock);
    limiter.raiseCeiling(10);
    expect(limiter.width).toBe(10);
    limiter.raiseCeiling(2);
    expect(limiter.width).toBe(10);
    limiter.cut();
    limiter.raiseCeiling(20);
    expect(limiter.width).toBe(5);
  });
});

describe('LimiterRegistry', () => {
  const registry = new LimiterRegistry(new TestClock());

  it('shares a limiter between spellings of one address, and not between keys or addresses', () => {
    const limiter = registry.of('https://api.example.com', 'key-1', 20);
    expect(registry.of('https://api.example.com/v1/', ' key-1', 10)).toBe(limiter);
    expect(registry.of('https://api.example.com', 'key-2', 20)).not.toBe(limiter);
    expect(registry.of('https://other.example.com', 'key-1', 20)).not.toBe(limiter);
  });

  it('forgets limiters that nobody uses, and none in use', async () => {
    const used = registry.of('https://used.example.com', 'key', 1);
    let end = () => {};
    const work = used.run('a', () => new Promise<void>((resolve) => (end = resolve)));
    const idle = registry.of('https://idle.example.com', 'key', 1);
    for (let index = 0; index < 1_000; index += 1) registry.of('https://api.example.com', `other-${index}`, 1);
    expect(registry.of('https://used.example.com', 'key', 1)).toBe(used);
    expect(registry.of('https://idle.example.com', 'key', 1)).not.toBe(idle);
    await new Promise(setImmediate);
    end();
    await work;
  });
});
