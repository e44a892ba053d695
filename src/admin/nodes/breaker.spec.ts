import fc from 'fast-check';
import { NO_BREAKER, stateOf, step, stepBreaker, toNodeBreaker, type Circuit, type CircuitEvent } from './breaker.js';

const POLICY = { failures: 3, windowMs: 1_000, pauseMs: 100, longestPauseMs: 800 };
const failed = (atMs: number): CircuitEvent => ({ kind: 'failed', atMs, reason: 'lost' });
const succeeded = (atMs: number): CircuitEvent => ({ kind: 'succeeded', atMs });
const passed = (atMs: number): CircuitEvent => ({ kind: 'canary_passed', atMs });
const canaryFailed = (atMs: number): CircuitEvent => ({ kind: 'canary_failed', atMs, reason: 'black' });

function run(...events: CircuitEvent[]): Circuit | undefined {
  return events.reduce<Circuit | undefined>((circuit, event) => step(circuit, event, POLICY), undefined);
}

describe('a circuit', () => {
  it('opens at the third failure within the window', () => {
    expect(stateOf(run(failed(0), failed(1)), 2)).toBe('closed');
    expect(stateOf(run(failed(0), failed(1), failed(2)), 3)).toBe('open');
    expect(stateOf(run(failed(0), failed(1), failed(1_001)), 1_002)).toBe('closed');
  });

  it('stays closed where most attempts succeed', () => {
    const most = [succeeded(1), succeeded(1), succeeded(1), succeeded(1)];
    expect(stateOf(run(failed(0), ...most, failed(2), failed(3)), 4)).toBe('closed');
    expect(stateOf(run(failed(0), ...most, failed(2), failed(3), failed(4)), 5)).toBe('open');
  });

  it('counts no success before the first failure', () => {
    const before = Array.from({ length: 50 }, () => succeeded(0));
    expect(stateOf(run(...before, failed(1), failed(2), failed(3)), 4)).toBe('open');
  });

  const open = run(failed(0), failed(1), failed(2));

  it('is half open after its pause, and closed by a canary alone', () => {
    expect(stateOf(open, 101)).toBe('open');
    expect(stateOf(open, 102)).toBe('half_open');
    expect(step(open, succeeded(102), POLICY)).toBe(open);
    expect(step(open, failed(102), POLICY)).toBe(open);
    expect(stateOf(step(open, passed(102), POLICY), 102)).toBe('closed');
  });

  it('pauses twice as long after each canary that fails, up to the longest pause', () => {
    let circuit = open;
    const pauses = [];
    for (let trip = 0; trip < 5; trip += 1) {
      circuit = step(circuit, canaryFailed(1_000), POLICY);
      pauses.push(circuit!.turnsAtMs - 1_000);
    }
    expect(pauses).toEqual([200, 400, 800, 800, 800]);
  });

  it('pauses longer where it opens again soon, and as at first where it was closed for long', () => {
    const again = (atMs: number) =>
      [passed(102), failed(atMs), failed(atMs), failed(atMs)].reduce<Circuit | undefined>(
        (circuit, event) => step(circuit, event, POLICY),
        open,
      )!.turnsAtMs - atMs;
    expect([again(103), again(901), again(902)]).toEqual([200, 200, 100]);
  });

  it('is forgotten once there is nothing left to know', () => {
    expect(run(failed(0), succeeded(1_000))).toBeUndefined();
    expect(run(succeeded(0))).toBeUndefined();
  });

  it('never leaves open without a canary, and opens by nothing but failures, in whatever order things happen', () => {
    const kinds = fc.constantFrom<CircuitEvent['kind']>('failed', 'succeeded', 'canary_passed', 'canary_failed');
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, fc.nat(500))), (events) => {
        let nowMs = 0;
        let circuit: Circuit | undefined;
        for (const [kind, afterMs] of events) {
          nowMs += afterMs;
          const next = step(circuit, { kind, atMs: nowMs, reason: 'x' }, POLICY);
          if (circuit?.isOpen && !next?.isOpen) expect(kind).toBe('canary_passed');
          if (!circuit?.isOpen && next?.isOpen) expect(kind).toBe('failed');
          if (next?.isOpen) expect(next.turnsAtMs).toBeGreaterThanOrEqual(next === circuit ? 0 : nowMs);
          circuit = next;
        }
      }),
    );
  });
});

describe('the breaker of a node', () => {
  it('holds a workflow off without holding off the node', () => {
    const breaker = [failed(0), failed(1), failed(2)].reduce(
      (known, event) => stepBreaker(known, { workflow: 'sdxl', event }, POLICY),
      NO_BREAKER,
    );
    expect(toNodeBreaker(breaker)).toEqual({
      isOpen: false,
      openWorkflows: ['sdxl'],
      reopensAt: new Date(102),
      reason: 'lost',
    });
    expect(stepBreaker(breaker, { event: succeeded(3) }, POLICY)).toBe(breaker);
  });
});
