import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { TestClock } from '../../../test/support/test-clock.js';
import type { DatabaseFacts } from './database-facts.js';
import { gauge } from './fact-source.js';
import { RowFacts } from './row-facts.js';

describe('RowFacts', () => {
  it('tells what a late reading found once it has ended, and says until then that it is missing', async () => {
    jest.useFakeTimers();
    const registry = new Registry();
    const tasks = gauge(registry, 'cws_tasks_here', 'x');
    let finish = () => {};
    const read = () => new Promise<() => void>((resolve) => (finish = () => resolve(() => tasks.set(7))));
    const source = { name: 'slow', told: [tasks], read };
    const facts = new RowFacts(registry, { readPools: () => {} } as DatabaseFacts, [source], new TestClock());
    const late = facts.expose();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await late).toContain('cws_facts_readable{source="slow"} 0');
    finish();
    await jest.advanceTimersByTimeAsync(0);
    const next = await facts.expose();
    expect(next).toContain('cws_facts_readable{source="slow"} 1');
    expect(next).toContain('cws_tasks_here 7');
    jest.useRealTimers();
  });
});
