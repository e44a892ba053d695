import { createLogger } from '../common/index.js';
import type { LeaseKeeper } from '../database/index.js';
import { loopOf } from './job.js';

describe('loopOf', () => {
  it('runs a job in rounds in which this process holds its lease, and in no other', async () => {
    const seen: string[] = [];
    const answers = [undefined, { name: 'job:test', token: 1 }, undefined];
    let done: () => void;
    const finished = new Promise<void>((resolve) => (done = resolve));
    const leases: Pick<LeaseKeeper, 'tryAcquire'> = {
      tryAcquire: async (name) => {
        seen.push(name);
        if (answers.length === 0) done();
        return answers.shift();
      },
    };
    const job = { name: 'test', everyMs: 1, run: async () => void seen.push('run') };
    const logger = createLogger({ level: 'silent', pretty: false });
    const loop = loopOf(job, { leases: leases as LeaseKeeper, logger });

    loop.start();
    await finished;
    await loop.stop();

    expect(seen.slice(0, 5)).toEqual(['job:test', 'job:test', 'run', 'job:test', 'job:test']);
  });
});
