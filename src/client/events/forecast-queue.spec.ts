import { forecastQueue, summariseRunTimes, type ForecastTask } from './forecast-queue.js';

const NOW = new Date('2026-01-01T00:00:00Z');

function makeTask(taskId: string, given: Partial<ForecastTask> = {}): ForecastTask {
  return { taskId, clientId: 'ann', workflowName: 'sd', estimatedSeconds: null, startedAt: null, ...given };
}

function secondsUntil(forecasts: ReturnType<typeof forecastQueue>, taskId: string): number[] {
  const { p50, p90 } = forecasts.get(taskId)!.startsAt;
  return [p50, p90].map((time) => (time.getTime() - NOW.getTime()) / 1_000);
}

describe('forecastQueue', () => {
  const runTimes = new Map([['sd', { p50: 10, p90: 20 }]]);

  it('lets the first start when what runs is done, and each other one after those before it', () => {
    const running = [makeTask('r', { startedAt: new Date(NOW.getTime() - 4_000) })];
    const forecasts = forecastQueue({ waiting: [makeTask('a'), makeTask('b')], running }, runTimes, NOW);
    expect([forecasts.get('a')!.position, forecasts.get('b')!.position]).toEqual([1, 2]);
    expect(secondsUntil(forecasts, 'a')).toEqual([6, 16]);
    expect(secondsUntil(forecasts, 'b')).toEqual([16, 36]);
  });

  it('shares the work among as many nodes as are working', () => {
    const running = ['r', 's'].map((taskId) => makeTask(taskId, { startedAt: NOW }));
    const forecasts = forecastQueue({ waiting: [makeTask('a'), makeTask('b')], running }, runTimes, NOW);
    expect(secondsUntil(forecasts, 'b')).toEqual([15, 30]);
  });

  it("takes the publisher's estimate for a workflow that never ran", () => {
    const waiting = [makeTask('a', { workflowName: 'new', estimatedSeconds: 30 }), makeTask('b')];
    expect(secondsUntil(forecastQueue({ waiting, running: [] }, runTimes, NOW), 'b')).toEqual([30, 60]);
  });
});

describe('summariseRunTimes', () => {
  it('gives the median and the ninth of ten of each workflow', () => {
    const runs = [9, 1, 10, 2, 8, 3, 7, 4, 6, 5].map((seconds) => ({ workflowName: 'sd', seconds }));
    const summary = summariseRunTimes([...runs, { workflowName: 'xl', seconds: 40 }]);
    expect(Object.fromEntries(summary)).toEqual({ sd: { p50: 5, p90: 9 }, xl: { p50: 40, p90: 40 } });
  });
});
