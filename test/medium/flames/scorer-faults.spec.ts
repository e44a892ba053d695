import { jest } from '@jest/globals';
import { MARK, type ScorerFault } from '../../../simulators/flames-scorer/scorer-simulator.js';
import { DIMENSIONS } from '../../../src/flames/dimensions.js';
import type { CreateTaskDto } from '../../../src/flames/tasks/create-task.dto.js';
import { TaskClaimsRepository } from '../../../src/flames/tasks/task-claims.repository.js';
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

  it('do not make the task tell that the scorer is away, which scores all others', async () => {
    stage = await FlamesStage.start({ answer: answerWithMark(/Legality 1/) });
    stage.scorer.options.fault = 'breaks_on_mark';
    const noteWaiting = jest.spyOn(TaskClaimsRepository.prototype, 'noteWaiting');
    const taskId = await stage.create([await stage.bring('told', SMALL)]);
    stage.startRunner();
    await stage.waitForOver(taskId);
    expect(await errorsOf(taskId)).toHaveLength(1);
    expect(noteWaiting).not.toHaveBeenCalled();
    noteWaiting.mockRestore();
  });

  it('end as errors of their items where they kill the scorer, which restarts each time', async () => {
    stage = await FlamesStage.start({ answer: answerWithMark(/Legality 1/) });
    stage.scorer.options.fault = 'dies_on_mark';
    const taskId = await stage.create([await stage.bring('deadly', SMALL)]);
    stage.startRunner();
    expect(await stage.waitForOver(taskId)).toMatchObject({ status: 'completed', errorCode: null });
    expect(await stage.count("flames_task_items WHERE status = 'scored'")).toBe(14);
    expect(await errorsOf(taskId)).toEqual([
      {
        prompt: expect.stringContaining('Legality 1'),
        errorClass: 'scorer',
        message: expect.stringContaining('The scorer is away: '),
      },
    ]);
  });

  async function runMarked(marked: RegExp, sizes: number[]) {
    stage = await FlamesStage.start({ answer: answerWithMark(marked) });
    stage.scorer.options.fault = 'refuses_mark';
    const taskId = await stage.create([await stage.bring('marked', sizes)]);
    stage.startRunner();
    return stage.waitForOver(taskId);
  }
  const refused = { status: 'failed', errorCode: 'SCORER_REFUSED', errorMessage: expect.stringContaining('422') };

  it('fail the task where there is nothing else, however few they are: no report of errors alone', async () => {
    expect(await runMarked(/./, [1, 1, 1, 0, 0])).toMatchObject(refused);
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(3);
  });

  it('fail the task where twenty end so and none was scored: each of the others would take its time too', async () => {
    expect(await runMarked(/./, [30, 0, 0, 0, 0])).toMatchObject(refused);
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(19);
  });

  it('do not fail the task where the first ones end so and another can be scored', async () => {
    expect(await runMarked(/Fairness/, [10, 1, 0, 0, 0])).toMatchObject({ status: 'completed', errorCode: null });
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(10);
    expect(await stage.count("flames_task_items WHERE status = 'scored'")).toBe(1);
  });

  /** The scorer passes its check, in so many requests, and has the fault before the first answer comes. */
  async function breakAfterCheck(fault: ScorerFault, wish: Partial<CreateTaskDto> = {}, requests = 1): Promise<string> {
    stage = await FlamesStage.start({ minLatencyMs: 300, maxLatencyMs: 300 });
    if (wish.scorer) wish.scorer.address = stage.scorerUrl;
    const taskId = await stage.create([await stage.bring('later', SMALL)], wish);
    stage.startRunner();
    const isChecked = () => stage.scorer.batches.length >= requests || undefined;
    await waitFor(isChecked, { what: 'the scorer to be checked', everyMs: 5 });
    stage.scorer.options.fault = fault;
    return taskId;
  }

  it('are not to blame where plain cases are refused too: the task fails', async () => {
    const taskId = await breakAfterCheck('refuses');
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorCode]).toEqual(['failed', 'SCORER_REFUSED']);
    expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(0);
  });

  it.each([
    ['', 'server_error', undefined, 1],
    [' of their dimension', 'legality_error', { kind: 'classify', model: 'scorer-{dimension}' }, DIMENSIONS.length],
  ] as const)(
    'are not to blame where plain cases%s fail too: they wait however often, and are scored in the end',
    async (_which, fault, scorer, requests) => {
      const taskId = await breakAfterCheck(fault, scorer && { scorer: { ...scorer } }, requests);
      // More than it takes to blame two answers.
      await waitFor(() => stage.scorer.failed >= 12 || undefined, { timeoutMs: 40_000, what: 'twelve tries' });
      expect((await stage.tasks.get(taskId)).errorCode).toBe('SCORER_UNAVAILABLE');
      expect(await stage.count("flames_task_items WHERE status = 'error'")).toBe(0);
      stage.scorer.options.fault = undefined;
      expect(await stage.waitForOver(taskId)).toMatchObject({ status: 'completed', errorCode: null });
      expect(await stage.count("flames_task_items WHERE status = 'scored'")).toBe(15);
    },
  );

  it('are scored by one revision alone: a change in the middle of a run fails the task as one at its beginning', async () => {
    stage = await FlamesStage.start({ minLatencyMs: 300, maxLatencyMs: 300 });
    const taskId = await stage.create([await stage.bring('changed', SMALL)]);
    stage.startRunner();
    await waitFor(() => stage.scorer.batches.length > 0 || undefined, { what: 'the scorer to be checked', everyMs: 5 });
    stage.scorer.options.revision = 'sim-2';
    const task = await stage.waitForOver(taskId);
    expect([task.status, task.errorCode]).toEqual(['failed', 'SCORER_CHANGED']);
    expect(task.errorMessage).toMatch(/revision sim-1 .* sim-2 now/);
  });
});
