import { toUSVString } from 'node:util';
import fc from 'fast-check';
import { toSystemLog } from './to-system-log.js';

const DAYS = { debug: 7, info: 30, warning: 60, error: 90, critical: 91 };
const NOW = new Date('2026-11-22T12:00:00.000Z');

describe('a log line as a row', () => {
  const toRow = (line: object, request?: Parameters<typeof toSystemLog>[0]['request']) =>
    toSystemLog({ text: JSON.stringify({ level: 30, time: NOW.toISOString(), ...line }), request }, DAYS, NOW);
  const detailsOf = (line: object) => JSON.parse(toRow(line).details ?? 'null') as Record<string, unknown>;

  it.each([
    [10, 'DEBUG', '2026-11-29'],
    [20, 'DEBUG', '2026-11-29'],
    [30, 'INFO', '2026-12-22'],
    [40, 'WARNING', '2027-01-21'],
    [50, 'ERROR', '2027-02-20'],
    [60, 'CRITICAL', '2027-02-21'],
  ])('of level %i is %s and is kept until %s', (level, name, expireOn) => {
    expect(toRow({ level })).toMatchObject({ level: name, expireOn, createdAt: NOW });
  });

  it('names who spoke, about which task and node, and in whose request', () => {
    const admin = { adminUserId: '7', username: 'root' };
    const request = { requestId: 'r1', ipAddress: '192.0.2.1', userAgent: 'curl', admin };
    const line = { msg: 'hello', component: 'Scheduler', taskId: 't1', nodeId: 'gpu-1', requestId: 'r1', count: 3 };
    expect(toRow(line, request)).toMatchObject({
      ...{ module: 'Scheduler', message: 'hello', taskId: 't1', nodeId: 'gpu-1', adminUserId: '7' },
      ...{ ipAddress: '192.0.2.1', userAgent: 'curl' },
    });
    expect(JSON.parse(toRow(line, request).details!)).toEqual({
      ...{ requestId: 'r1', taskId: 't1', nodeId: 'gpu-1', count: 3 },
    });
    expect(toRow({ context: 'RoutesResolver' }).module).toBe('RoutesResolver');
    expect(detailsOf({ component: 'JobRunner', job: 'sweep' })).toEqual({ job: 'sweep' });
    expect(toRow({ err: { message: 'it broke' } }).message).toBe('it broke');
  });

  it('shows no secret, however deep', () => {
    const line = { apiKey: 'k', a: [{ refresh_token: 't', Authorization: 'Bearer x', cookie: 'c', lease_token: 4 }] };
    expect(detailsOf(line)).toEqual({
      apiKey: '[Redacted]',
      a: [{ refresh_token: '[Redacted]', Authorization: '[Redacted]', cookie: '[Redacted]', lease_token: 4 }],
    });
  });

  it('keeps details within what the table takes', () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 100; depth += 1) deep = { deep };
    const many = Array.from({ length: 1_000 }, () => 'x'.repeat(5_000));
    expect(toRow({ deep, many }).details!.length).toBeLessThan(17_000);
    expect(detailsOf({ deep, many }).truncated).toBe(true);
    expect(JSON.stringify(detailsOf({ deep })).match(/deep/g)!.length).toBeLessThan(10);
  });

  it('takes any line, JSON or not, and leaves no half of a character', () => {
    expect(toSystemLog({ text: 'no json', request: undefined }, DAYS, NOW)).toMatchObject({ message: 'no json' });
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.constant('{"level":50,"msg":"a\\ud83d","x":"\\ude00"}'),
    );
    fc.assert(
      fc.property(any, (text) => {
        const row = toSystemLog({ text, request: undefined }, DAYS, NOW);
        expect(toUSVString(row.message)).toBe(row.message);
        expect(row.details ?? '').not.toMatch(/\\ud[89a-f]/);
        expect(Number.isNaN(row.createdAt.getTime())).toBe(false);
      }),
    );
  });
});
