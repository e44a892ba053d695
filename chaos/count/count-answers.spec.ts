import type { AskedTask } from '../load/asked-task.js';
import { countAnswers } from './count-answers.js';
import { makePicture, makeTask } from './made-up-run.js';

/** The rules that are broken, with their counts. */
function broken(tasks: AskedTask[], { listed = ['id-1'], refused = [] as string[] } = {}) {
  const found = countAnswers({ tasks, refused, listed });
  return Object.fromEntries(
    Object.entries(found).flatMap(([rule, cases]) => (cases.length ? [[rule, cases.length]] : [])),
  );
}

describe('countAnswers', () => {
  it('finds nothing wrong with a task that completed', () => {
    expect(broken([makeTask()])).toEqual({});
  });

  it('finds nothing wrong with failed, cancelled and reloaded tasks', () => {
    const failed = makeTask({ seen: ['failed'] }, { status: 'failed', errorCode: 'NODE_LOST', pictures: [] });
    const cancelled = makeTask({ isCancelled: true, seen: ['cancelled'] }, { status: 'cancelled', pictures: [] });
    const seen = ['completed', 'queued', 'completed'];
    const reloaded = makeTask({ seen, reloads: { asked: 1, accepted: 1 } });
    expect([failed, cancelled, reloaded].map((task) => broken([task]))).toEqual([{}, {}, {}]);
  });

  it('finds an accepted task that the service does not know any more', () => {
    expect(broken([makeTask({}, { httpStatus: 404, status: undefined, pictures: [] })])).toEqual({ lost: 1 });
    expect(broken([makeTask({ final: undefined })])).toEqual({ lost: 1 });
    expect(broken([makeTask()], { listed: [] })).toEqual({ lost: 1 });
  });

  it('finds a submit that was never answered, and one that was refused', () => {
    expect(broken([makeTask({ ids: [], seen: [], final: undefined })], { listed: [] })).toEqual({ unanswered: 1 });
    expect(broken([], { listed: [], refused: ['POST /api/v2/tasks/text-to-image: 422'] })).toEqual({ refused: 1 });
  });

  it('finds a repeated submit that made a second task, seen by its sender or not', () => {
    expect(broken([makeTask({ ids: ['id-1', 'id-2'] })], { listed: ['id-1', 'id-2'] })).toEqual({ twoIdsForOneKey: 1 });
    expect(broken([makeTask({ ids: ['id-1', 'id-1'] })], { listed: ['id-1', 'id-2'] })).toEqual({ unasked: 1 });
  });

  it('finds a task that never ended', () => {
    expect(broken([makeTask({ seen: ['queued'] }, { status: 'queued', pictures: [] })])).toEqual({ unfinished: 1 });
  });

  it.each([
    [['cancelled', 'completed'], 0],
    [['completed', 'processing', 'completed'], 0],
    [['completed', 'queued', 'failed', 'completed'], 1],
  ])('finds a task that did not stay in its last state: %j after %i reloads', (seen, asked) => {
    expect(broken([makeTask({ seen, reloads: { asked, accepted: asked } })])).toEqual({ revived: 1 });
  });

  it.each([
    ['no file', []],
    ['two files', [makePicture(), makePicture()]],
    ['a file that cannot be had', ['file 0 answered 404']],
    ['another size', [makePicture({ width: 96 })]],
    ['another prompt', [makePicture({ prompts: ['a greenhouse'] })]],
    ['another seed', [makePicture({ seed: 8 })]],
    ['another format', [makePicture({ format: 'webp', frames: 5 })]],
  ])('finds a completed task with %s', (_, pictures) => {
    expect(broken([makeTask({}, { pictures })])).toEqual({ wrongPictures: 1 });
  });

  it('finds files of a task that did not complete', () => {
    expect(broken([makeTask({ seen: ['cancelled'] }, { status: 'cancelled' })])).toEqual({ wrongPictures: 1 });
  });
});
