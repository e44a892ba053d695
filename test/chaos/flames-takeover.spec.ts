import { FlamesStage } from '../support/flames-stage.js';
import { SeparateProcess } from '../support/separate-process.js';
import { TAKEOVER_WITHIN_MS, waitFor } from '../support/wait-for.js';

const SIZES = [75, 129, 60, 14, 22];
const ITEMS = 300;
const CONCURRENCY = 10;

describe('an evaluation of which one of two processes is killed (real: two programs, MariaDB, both protocols)', () => {
  let stage: FlamesStage;
  let first: SeparateProcess;
  let second: SeparateProcess;

  beforeAll(async () => {
    // The leases are those of the default settings: it is their length that the time is about.
    const dispatch = { leaseTtlMs: 10_000, leaseRenewMs: 3_000, sweepMs: 1_000 };
    stage = await FlamesStage.start({ minLatencyMs: 100, maxLatencyMs: 400 }, { dispatch });
  });

  afterAll(async () => {
    await first.stop();
    await second.stop();
    await stage.stop();
  });

  it(`I8 I9 goes on in the other within ${TAKEOVER_WITHIN_MS / 1_000} s, and asks again at most what was under way`, async () => {
    first = await SeparateProcess.start(stage.server.settings);
    const taskId = await stage.create([await stage.bring('taken over', SIZES)], { concurrency: CONCURRENCY });
    const ended = () => stage.count('flames_task_items WHERE ended_at IS NOT NULL AND task_id = ?', [taskId]);
    await waitFor(async () => (await ended()) > 0 || undefined, { timeoutMs: 30_000, what: 'the first to begin' });
    // Only now, so that it is known which of the two has the task.
    second = await SeparateProcess.start(stage.server.settings);
    await waitFor(async () => (await ended()) > ITEMS / 4 || undefined, { timeoutMs: 30_000, what: 'a quarter' });
    first.signal('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    const killedMs = performance.now();
    const before = await ended();
    await waitFor(async () => (await ended()) > before || undefined, {
      timeoutMs: TAKEOVER_WITHIN_MS,
      what: 'the other to go on',
    });
    const tookMs = Math.round(performance.now() - killedMs);
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorMessage]).toEqual(['completed', null]);
    expect(await stage.countItems(taskId)).toMatchObject([{ status: 'scored', errorClass: null }]);
    expect(stage.countAnsweredAgain()).toBeLessThanOrEqual(CONCURRENCY);
    expect(await stage.count('task_flames_logs WHERE task_id = ?', [taskId])).toBe(ITEMS);
    process.stdout.write(`taken over after ${tookMs} ms; answered again: ${stage.countAnsweredAgain()}\n`);
  }, 180_000);
});
