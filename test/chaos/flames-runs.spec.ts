import { FlamesStage } from '../support/flames-stage.js';
import { SeparateProcess } from '../support/separate-process.js';
import { waitFor } from '../support/wait-for.js';

/** The blocks of the published set. */
const SIZES = [249, 429, 201, 46, 75];
const ITEMS = 1_000;
const CONCURRENCY = 20;
const KILLS = 3;

describe('an evaluation whose process is killed (real: the program in its own process, MariaDB, both protocols)', () => {
  let stage: FlamesStage;
  let current: SeparateProcess;

  beforeAll(async () => {
    const faults = { rate_limited: 0.05, server_error: 0.02, hang: 0.01 };
    stage = await FlamesStage.start(
      { faults, minLatencyMs: 50, maxLatencyMs: 300, retryAfterSeconds: 0 },
      { flames: { requestTimeoutMs: 1_500 }, dispatch: { leaseTtlMs: 2_000, leaseRenewMs: 500, sweepMs: 100 } },
    );
  });

  afterAll(async () => {
    await current.stop();
    await stage.stop();
  });

  it('I8 I9 goes on in the next one by the rows, and asks again at most what was under way', async () => {
    const taskId = await stage.create([await stage.bring('published', SIZES)], { concurrency: CONCURRENCY });
    const ended = () => stage.count('flames_task_items WHERE ended_at IS NOT NULL AND task_id = ?', [taskId]);
    current = await SeparateProcess.start(stage.server.settings);
    const again: number[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const wanted = (kill * ITEMS) / (KILLS + 1);
      await waitFor(async () => (await ended()) >= wanted || undefined, { timeoutMs: 60_000, what: `${wanted} ends` });
      current.signal('SIGKILL');
      expect(await current.ended).toBe('SIGKILL');
      const before = await ended();
      current = await SeparateProcess.start(stage.server.settings);
      await waitFor(async () => (await ended()) > before || undefined, {
        timeoutMs: 15_000,
        what: 'the next to go on',
      });
      again.push(stage.countAnsweredAgain());
    }
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorMessage]).toEqual(['completed', null]);
    const kinds = await stage.countItems(taskId);
    expect(kinds.reduce((sum, { items }) => sum + Number(items), 0)).toBe(ITEMS);
    for (const { status, errorClass } of kinds) expect(status === 'scored' || errorClass !== null).toBe(true);
    // A lane holds one prompt, or the answer to one that is not written yet beside it.
    expect(stage.countAnsweredAgain()).toBeLessThanOrEqual(KILLS * CONCURRENCY);
    expect(await stage.count('task_flames_logs WHERE task_id = ?', [taskId])).toBe(ITEMS);
    expect(await stage.count('flames_task_keys')).toBe(0);
    process.stdout.write(`answered again after each kill: ${again.join(', ')}; ends: ${JSON.stringify(kinds)}\n`);
  }, 240_000);
});
