import { createConnection } from 'mysql2/promise';
import type { HarmlessMetrics } from '../../../src/flames/metrics/harmless-metrics.js';
import { SpoolDrainService } from '../../../src/flames/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { FlamesStage } from '../../support/flames-stage.js';
import { waitFor } from '../../support/wait-for.js';

const SIZES = [50, 86, 40, 9, 15];
const SMALL = [2, 2, 2, 2, 2];

describe('runs of evaluations (real: the database, the runner, both protocols)', () => {
  let stage: FlamesStage;

  afterEach(() => stage.stop());

  it('end every item scored or in a stated class, ask nothing twice, and leave no key', async () => {
    const faults = { rate_limited: 0.05, server_error: 0.02, hang: 0.01, content_filter: 0.02, malformed: 0.01 };
    stage = await FlamesStage.start(
      { faults, minLatencyMs: 5, maxLatencyMs: 40, retryAfterSeconds: 0 },
      // Long enough that a busy machine is not taken for a silent model.
      { flames: { requestTimeoutMs: 4_000 } },
    );
    const number = await stage.bring('mixed', SIZES);
    const taskId = await stage.create([number]);
    expect(await stage.count('flames_task_keys')).toBe(1);
    stage.startRunner();
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorMessage]).toEqual(['completed', null]);
    const kinds = await stage.countItems(taskId);
    expect(kinds.map(({ status }) => status).every((status) => ['scored', 'error'].includes(status))).toBe(true);
    expect(kinds.filter(({ status, errorClass }) => status === 'error' && !errorClass)).toEqual([]);
    expect(kinds.reduce((sum, { items }) => sum + Number(items), 0)).toBe(200);
    expect(stage.countAnsweredAgain()).toBe(0);
    expect(await stage.count('flames_task_keys')).toBe(0);
    // One log row for each item, and calls counted with their retries.
    expect(await stage.count('task_flames_logs WHERE task_id = ?', [taskId])).toBe(200);
    const { outcomes } = stage.model.log.summary();
    expect(task.callsUsed).toBe(Object.values(outcomes).reduce((sum, times) => sum + times, 0));
    expect(Number(task.tokensUsed)).toBeGreaterThan(0);
    await expectResult(taskId);
  });

  it('keep the beginning of an answer that is too long, and count it among the truncated ones', async () => {
    const answer = (_: string, prompt: string) =>
      '抱歉，不能提供。'.padEnd(prompt.includes('Legality') ? 60_001 : 60_000, '。');
    stage = await FlamesStage.start({ answer });
    stage.scorer.options.maxLength = 100_000;
    const taskId = await stage.create([await stage.bring('long', SMALL)]);
    stage.startRunner();
    await stage.waitForStatus(taskId, 'completed');
    const [row] = await stage.database.rows<{ longest: number; cut: string }>(
      `SELECT MAX(CHAR_LENGTH(response)) AS longest, GROUP_CONCAT(IF(is_truncated, dimension, NULL)) AS cut
       FROM flames_task_items WHERE task_id = ?`,
      [taskId],
    );
    expect([Number(row!.longest), row!.cut]).toEqual([60_000, 'Legality,Legality']);
    const [result] = await stage.database.rows<{ truncated: string }>(
      "SELECT JSON_VALUE(metrics, '$.counts.Legality.nTruncated') AS truncated FROM flames_results WHERE task_id = ?",
      [taskId],
    );
    expect(Number(result!.truncated)).toBe(2);
  });

  async function expectResult(taskId: string): Promise<void> {
    const { result } = (await stage.tasks.get(taskId)) as { result: { harmless_rate: number; logs: unknown[] } };
    const [row] = await stage.database.rows<{ metrics: string; scorer: string; revision: string }>(
      'SELECT metrics, scorer, revision FROM flames_results WHERE task_id = ?',
      [taskId],
    );
    const metrics = (typeof row!.metrics === 'string' ? JSON.parse(row!.metrics) : row!.metrics) as HarmlessMetrics;
    expect([row!.scorer, row!.revision]).toEqual(['flames-scorer', 'sim-1']);
    expect(metrics.coverage.total).toBe(200);
    expect(metrics.counts.Safety.nRefusedByFilter + metrics.counts.Fairness.nRefusedByFilter).toBeGreaterThan(0);
    expect(result).toMatchObject({
      harmless_rate: metrics.harmless_rate,
      harmless_rate_each_dim: metrics.harmless_rate_each_dim,
      harmless_score: metrics.harmless_score,
      harmless_score_each_dim: metrics.harmless_score_each_dim,
    });
    expect(result.logs.length).toBeGreaterThan(40);
    expect(result.logs.length).toBeLessThanOrEqual(50);
  }

  it('I8 go on in another process where a claim was lost, and ask only what was under way again', async () => {
    stage = await FlamesStage.start({ minLatencyMs: 20, maxLatencyMs: 60 });
    await stage.addProcess();
    const concurrency = 10;
    const taskId = await stage.create([await stage.bring('kills', SIZES)], { concurrency });
    stage.startRunner(0);
    const losses = 3;
    for (let loss = 1; loss <= losses; loss += 1) {
      await waitFor(async () => (await stage.count(ended(taskId))) >= loss * 40 || undefined, {
        timeoutMs: 30_000,
        everyMs: 10,
        what: `${loss * 40} items to end`,
      });
      // As a kill looks to the rows: the claim stands there, its owner writes nothing more; the next one takes it.
      await stage.database.run(
        'UPDATE task_flames SET lease_token = lease_token + 1, lease_until = NULL WHERE task_id = ?',
        [taskId],
      );
      if (loss === 1) stage.startRunner(1);
    }
    expect((await stage.waitForOver(taskId)).status).toBe('completed');
    expect(await stage.countItems(taskId)).toEqual([expect.objectContaining({ status: 'scored', errorClass: null })]);
    // Two answers a lane at most: one on its way, one not written yet.
    expect(stage.countAnsweredAgain()).toBeLessThanOrEqual(losses * concurrency * 2);
    expect(Object.keys(stage.model.log.summary().prompts)).toHaveLength(200);
    expect(await stage.count('task_flames_logs WHERE task_id = ?', [taskId])).toBe(200);
  });

  it('I8 ask no more once the lease is over, though the database answers nothing, not even by an error', async () => {
    stage = await FlamesStage.start({}, { dispatch: { sweepMs: 50, leaseTtlMs: 1_500, leaseRenewMs: 300 } });
    const taskId = await stage.create([await stage.bring('silent', SIZES)], { concurrency: 4 });
    stage.model.faults.arm('hang', { times: 1_000 });
    stage.startRunner();
    await waitFor(() => stage.model.atOnce === 4, { what: 'four requests under way' });
    const locks = await createConnection(stage.server.adminDsn);
    try {
      await locks.query('LOCK TABLES `redteam-dra`.task_flames WRITE');
      // Renewals wait for the lock. Only the end of the claim breaks off what would be waited for two minutes.
      await waitFor(() => stage.model.atOnce === 0, { timeoutMs: 20_000, what: 'the requests to be broken off' });
    } finally {
      await locks.end();
    }
    expect(stage.model.requests).toHaveLength(4);
    stage.model.faults.clear();
    expect((await stage.waitForOver(taskId)).status).toBe('completed');
    expect(stage.model.requests).toHaveLength(4 + 200);
  });

  const ended = (taskId: string) => `flames_task_items WHERE ended_at IS NOT NULL AND task_id = '${taskId}'`;

  it('pause with what is answered kept, go on when resumed, and end when cancelled', async () => {
    stage = await FlamesStage.start({ minLatencyMs: 20, maxLatencyMs: 40 });
    const taskId = await stage.create([await stage.bring('pauses', SIZES)], { concurrency: 4 });
    stage.startRunner();
    await waitFor(async () => (await stage.count(ended(taskId))) > 10 || undefined, { what: 'items to end' });
    await stage.tasks.pause(taskId);
    await waitFor(async () => (await stage.count('task_flames WHERE lease_until IS NULL')) === 1 || undefined, {
      timeoutMs: 10_000,
      what: 'the runner to let go',
    });
    const paused = await stage.tasks.getDetail(taskId);
    expect(paused).toMatchObject({ status: 'running', is_paused: true, items: { answered: 0, error: 0 } });
    expect(paused.items.pending).toBeGreaterThan(0);
    const asked = stage.model.log.summary().total;
    await stage.tasks.resume(taskId);
    await waitFor(async () => stage.model.log.summary().total > asked + 5 || undefined, { what: 'more to be asked' });
    await stage.tasks.cancel(taskId);
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.endTime]).toEqual(['cancelled', expect.any(Date)]);
    expect(await stage.count('flames_task_keys')).toBe(0);
    expect(stage.countAnsweredAgain()).toBe(0);
  });

  it('fail at once for a key that is refused, for a used-up budget, and keep what was answered', async () => {
    stage = await FlamesStage.start({ apiKey: 'sk-test', minLatencyMs: 5, maxLatencyMs: 10 });
    const number = await stage.bring('fails', SIZES);
    stage.startRunner();
    const refused = await stage.waitForOver(await stage.create([number], { api_key: 'sk-other' }));
    expect([refused.status, refused.errorCode]).toEqual(['failed', 'TARGET_UNAUTHORIZED']);
    expect(refused.errorMessage).not.toContain('sk-other');
    const spent = await stage.waitForOver(await stage.create([number], { budget: { calls: 50 } }));
    expect([spent.status, spent.errorCode, spent.callsUsed]).toEqual(['failed', 'BUDGET_EXCEEDED', 50]);
    expect(await stage.countItems(spent.taskId)).toEqual([
      { status: 'pending', errorClass: null, items: expect.anything() },
      { status: 'scored', errorClass: null, items: expect.anything() },
    ]);
    expect(await stage.count(ended(spent.taskId))).toBe(50);
    expect(await stage.count('flames_task_keys')).toBe(0);
  });

  it('fail where the model is away for ten prompts on end', async () => {
    stage = await FlamesStage.start({ faults: { server_error: 1 } });
    stage.startRunner();
    const task = await stage.waitForOver(await stage.create([await stage.bring('away', SIZES)], { concurrency: 20 }));
    expect([task.status, task.errorCode]).toEqual(['failed', 'TARGET_UNREACHABLE']);
    expect(await stage.count(ended(task.taskId))).toBeLessThanOrEqual(30);
  });

  it('fail a small task where nothing at all was answered', async () => {
    stage = await FlamesStage.start({ faults: { server_error: 1 } });
    stage.startRunner();
    const task = await stage.waitForOver(await stage.create([await stage.bring('few', [1, 1, 1, 1, 1])]));
    expect([task.status, task.errorCode]).toEqual(['failed', 'TARGET_UNREACHABLE']);
  });

  it('complete where a content filter refused every prompt, since that is what was measured', async () => {
    stage = await FlamesStage.start({ faults: { content_filter: 1 } });
    stage.startRunner();
    const task = await stage.waitForOver(await stage.create([await stage.bring('filtered', [1, 1, 1, 1, 1])]));
    expect([task.status, task.errorCode]).toEqual(['completed', null]);
    expect(await stage.countItems(task.taskId)).toEqual([
      { status: 'error', errorClass: 'content_filter', items: expect.anything() },
    ]);
    expect((task.result as { harmless_rate: number | null }).harmless_rate).toBeNull();
  });

  it('wait for a scorer that is away, say so, and go on when it is back', async () => {
    stage = await FlamesStage.start();
    const taskId = await stage.create([await stage.bring('scorer', SIZES)]);
    stage.scorer.options.fault = 'away';
    stage.startRunner();
    const waiting = await waitFor(
      async () => {
        const task = await stage.tasks.get(taskId);
        return task.errorCode === null ? undefined : task;
      },
      { timeoutMs: 10_000, what: 'the task to say what it waits for' },
    );
    expect([waiting.status, waiting.errorCode]).toEqual(['running', 'SCORER_UNAVAILABLE']);
    stage.scorer.options.fault = undefined;
    expect(await stage.waitForOver(taskId)).toMatchObject({ status: 'completed', errorCode: null });
  });

  it('refuse a scorer that gives everything the same label, before anything is asked', async () => {
    stage = await FlamesStage.start();
    stage.scorer.options.fault = 'constant';
    stage.startRunner();
    const task = await stage.waitForOver(await stage.create([await stage.bring('constant', SMALL)]));
    expect([task.status, task.errorCode]).toEqual(['failed', 'SCORER_REFUSED']);
    expect(stage.model.log.summary().total).toBe(0);
  });

  it('complete though the table of logs is taken away, and lose none of its rows', async () => {
    stage = await FlamesStage.start({ minLatencyMs: 10, maxLatencyMs: 30 });
    const taskId = await stage.create([await stage.bring('spool', SIZES)], { concurrency: 10 });
    stage.startRunner();
    await waitFor(async () => (await stage.count(ended(taskId))) > 20 || undefined, { what: 'items to end' });
    const migrator = await openMigrationConnection('flames', stage.server.settings);
    await migrator.query('RENAME TABLE task_flames_logs TO away');
    expect((await stage.waitForOver(taskId)).status).toBe('completed');
    await migrator.query('RENAME TABLE away TO task_flames_logs');
    await migrator.end();
    await stage.services[0]!.get(SpoolDrainService).drain();
    expect(await stage.count('task_flames_logs WHERE task_id = ?', [taskId])).toBe(200);
  });

  it('share one key between tasks, each getting its turns', async () => {
    stage = await FlamesStage.start({ minLatencyMs: 20, maxLatencyMs: 20 });
    const long = await stage.create([await stage.bring('long', SIZES)], { concurrency: 4 });
    const short = await stage.create([await stage.bring('short', SMALL)], { concurrency: 4 });
    stage.startRunner();
    await stage.waitForOver(short);
    expect((await stage.tasks.get(long)).status).toBe('running');
    expect(stage.model.mostAtOnce).toBeLessThanOrEqual(4);
    expect((await stage.waitForOver(long)).status).toBe('completed');
  });
});
