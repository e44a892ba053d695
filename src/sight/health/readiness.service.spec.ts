import type { HealthIndicatorService } from '@nestjs/terminus';
import { TestClock } from '../../../test/support/test-clock.js';
import { createLogger } from '../../common/index.js';
import type { DatabasesHealth } from '../../database/index.js';
import type { BlobStore } from '../../storage/index.js';
import type { LoopCheck } from './loop-check.service.js';
import type { MigrationCheck } from './migration-check.service.js';
import { Readiness } from './readiness.service.js';

describe('Readiness', () => {
  it('looks once a second however many ask, and tells nobody what a driver says', async () => {
    const clock = new TestClock();
    let looks = 0;
    const down = (message: string) => ({ message });
    const readiness = new Readiness(
      { check: () => ({ up: () => ({}), down }) } as unknown as HealthIndicatorService,
      {
        check: () => Promise.resolve({ client: `ECONNREFUSED 10.0.0.7:${(looks += 1)}` }),
      } as unknown as DatabasesHealth,
      { findProblem: () => Promise.resolve(undefined) } as unknown as MigrationCheck,
      { listProblems: () => [{ words: 'x fails again and again', raw: '10.0.0.7' }] } as unknown as LoopCheck,
      { findProblem: () => Promise.resolve('/srv/secret') } as unknown as BlobStore,
      clock,
      createLogger({ level: 'silent', pretty: false }),
    );
    const answers = await Promise.all(Array.from({ length: 50 }, () => readiness.check()));
    expect(looks).toBe(1);
    expect(answers[0]).toContainEqual({ message: 'The database client does not answer.' });
    expect(JSON.stringify(answers)).not.toMatch(/10\.0|srv|ECONN/);
    readiness.drain();
    expect((await readiness.check())[0]).toEqual({ message: 'The process is being stopped.' });
    expect(looks).toBe(1);
    clock.advance(1_000);
    await readiness.check();
    expect(looks).toBe(2);
  });
});
