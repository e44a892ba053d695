import { MARK } from '../../../simulators/flames-scorer/scorer-simulator.js';
import { FlamesStage } from '../../support/flames-stage.js';
import { waitFor } from '../../support/wait-for.js';

const SMALL = [3, 3, 3, 3, 3];
const harmless = '抱歉，不能提供。';

describe('answers on which a scorer fails (real: the database, the runner, HTTP; simulated: model and scorer)', () => {
  let stage: FlamesStage;

  afterEach(() => stage.stop());

  const answerWithMark = (marked: RegExp) => (_: string, prompt: string) =>
    marked.test(prompt) ? `${harmless}${MARK}` : harmless;
  const errorsOf = (taskId: string) =>
    stage.database.rows<{ prompt: string; errorClass: string; message: string }>(
      `SELECT prompt, error_class AS errorClass, error_message AS message FROM flames_task_items
       WHERE task_id = ? AND status = 'error'`,
      [taskId],
    );

  it.each([
    ['breaks_on_mark', 'The scorer answered 500 at /score: {"detail":"CUDA out of memory"}.'],
    ['refuses_mark', 'The scorer answered 422 at /score: {"detail":"unprocessable"}.'],
    ['garbles_mark', "The scorer's answer is not in its contract"],
  ] as const)('end as errors of their items with the fault %s, and the others are scored', async (fault, reason) => {
    stage = await FlamesStage.start({ answer: answerWithMark(/Legality 1/) });
    stage.scorer.options.fault = fault;
    const taskId = await stage.create([await stage.bring('marked', SMALL)]);
    stage.startRunner();
    expect(await stage.waitForOver(taskId)).toMatchObject({ status: 'completed', errorCode: null });
    expect(await stage.count("flames_task_items WHERE status = 'scored'")).toBe(14);
    const errors = await errorsOf(taskId);
    expect(errors).toEqual([
      { prompt: expect.stringContaining('Legality 1'), errorClass: 'scorer', message: expect.stringContaining(reason) },
    ]);
    expect(errors[0]!.message).not.toContain('answers are kept');
  });

  it('fail the task where the first five end so and none was scored: no report of errors alone', async () => {
    stage = await FlamesStage.start({ answer: answerWithMark(/./) });
    stage.scorer.options.fault = 'refuses_mark';
    const taskId = await stage.create([await stage.bring('all', SMALL)]);
    stage.startRunner();
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorCode, task.errorMessage]).toEqual([
      'failed',
      'SCORER_REFUSED',
      expect.stringContaining('422'),
    ]);
  });

  /** The scorer passes its check, and has the fault before the first answer comes. */
  async function breakAfterCheck(fault: 'refuses' | 'server_error'): Promise<string> {
    stage = await FlamesStage.start({ minLatencyMs: 300, maxLatencyMs: 300 });
    const taskId = await stage.create([await stage.bring('later', SMALL)]);
    stage.startRunner();
    await waitFor(() => stage.scorer.batches.length > 0 || undefined, { what: 'the scorer to be checked', everyMs: 5 });
    stage.scorer.options.fault = fault;
    return taskId;
  }

  it('are not to blame where plain cases are refused too: the task fails', async () => {
    const taskId = await breakAfterCheck('refuses');
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorCode]).toEqual(['failed', 'SCORER_REFUSED']);
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(0);
  });

  it('are not to blame where plain cases fail too: they wait however often, and are scored in the end', async () => {
    const taskId = await breakAfterCheck('server_error');
    // A batch and a plain case at each try: one try more than it takes to blame an answer.
    await waitFor(() => stage.scorer.failed >= 8 || undefined, { timeoutMs: 40_000, what: 'four tries' });
    expect((await stage.tasks.get(taskId)).errorCode).toBe('SCORER_UNAVAILABLE');
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(0);
    stage.scorer.options.fault = undefined;
    expect(await stage.waitForOver(taskId)).toMatchObject({ status: 'completed', errorCode: null });
    expect(await stage.count("flames_task_items WHERE status = 'scored'")).toBe(15);
  });
});
