import { Registry } from 'prom-client';
import type { Settings } from '../../config/index.js';
import type { LeaseKeeper } from '../../database/index.js';
import type { LeaseState, QueueFiguresService } from '../../shared/index.js';
import { TestClock } from '../../../test/support/test-clock.js';
import { LeaseFacts } from './lease-facts.js';

describe('LeaseFacts', () => {
  const clock = new TestClock();
  let rows: LeaseState[];
  let read: () => Promise<number | undefined>;
  let registry: Registry;

  beforeEach(() => {
    rows = [];
    registry = new Registry();
    const queue = { listLeases: () => Promise.resolve(rows) } as QueueFiguresService;
    const settings = { dispatch: { leaseTtlMs: 10_000 } } as Settings;
    const keeper = { ownerId: 'me' } as unknown as LeaseKeeper;
    const facts = new LeaseFacts(registry, queue, keeper, clock, settings);
    read = async () => {
      (await facts.read())();
      const { values } = await registry.getSingleMetric('cws_lease_held')!.get();
      return values.find(({ labels }) => labels.lease === 'scheduler')?.value;
    };
  });

  it('I9 says that nobody holds what its killed owner renews no more, and that somebody does who took it over', async () => {
    rows = [{ name: 'scheduler', owner: 'a', token: 1, renewals: '7' }];
    expect(await read()).toBe(1);
    clock.advance(60_000);
    rows = [{ name: 'scheduler', owner: 'a', token: 1, renewals: '8' }];
    expect(await read()).toBe(1);
    clock.advance(9_999);
    expect(await read()).toBe(1);
    clock.advance(1);
    expect(await read()).toBe(0);
    rows = [{ name: 'scheduler', owner: 'b', token: 2, renewals: '0' }];
    expect(await read()).toBe(1);
  });

  it('is silent about what nobody owns, as of nodes that were removed', async () => {
    rows = [
      { name: 'node:gone', owner: null, token: 3, renewals: '4' },
      { name: 'node:here', owner: 'a', token: 1, renewals: '1' },
    ];
    await read();
    const told = (await registry.getSingleMetric('cws_lease_held')!.get()).values.map(({ labels }) => labels.lease);
    expect(told.sort()).toEqual(['node:here', 'scheduler']);
  });

  it('says so where nobody ever scheduled', async () => {
    expect(await read()).toBe(0);
  });
});
