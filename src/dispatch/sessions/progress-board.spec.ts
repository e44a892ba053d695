import { jest } from '@jest/globals';
import { createLogger } from '../../common/index.js';
import { loadSettings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import type { GlobalTasksService, OpenAssignment } from '../../shared/index.js';
import { ProgressBoard } from './progress-board.js';

describe('ProgressBoard', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('I16 writes what all tasks of the process have reached in one statement a second', async () => {
    const writeProgress = jest.fn<GlobalTasksService['writeProgress']>().mockResolvedValue();
    const logger = createLogger({ level: 'silent', pretty: false });
    const board = new ProgressBoard(
      { writeProgress } as unknown as GlobalTasksService,
      new Signals(),
      logger,
      loadSettings({ environment: {} }),
    );
    const report = (taskId: string, progress: number) =>
      board.report({ taskId, runNo: 2, assignmentId: 'c' } as OpenAssignment, progress);
    board.start();
    await jest.advanceTimersByTimeAsync(1);
    writeProgress.mockClear();
    for (const percent of [10, 20, 30]) for (const taskId of ['a', 'b']) report(taskId, percent);
    await jest.advanceTimersByTimeAsync(1_000);
    const reached = (taskId: string) => ({ taskId, runNo: 2, assignmentId: 'c', progress: 30 });
    expect(writeProgress.mock.calls).toEqual([[[reached('a'), reached('b')]]]);
    await board.stop();
  });

  it('I17 calls the scheduler once when a prompt is nearly done, and knows of each prompt by itself', () => {
    const signals = new Signals();
    const calls = jest.fn();
    signals.on('queue.changed', calls);
    const logger = createLogger({ level: 'silent', pretty: false });
    const board = new ProgressBoard({} as GlobalTasksService, signals, logger, loadSettings({ environment: {} }));
    const rowOf = (assignmentId: string) =>
      ({ taskId: `task of ${assignmentId}`, runNo: 1, assignmentId, nodeId: 'n', slot: 0 }) as OpenAssignment;
    for (const percent of [50, 79]) board.report(rowOf('a'), percent);
    expect(calls).not.toHaveBeenCalled();
    for (const percent of [81, 95]) board.report(rowOf('a'), percent);
    expect(calls).toHaveBeenCalledTimes(1);
    expect(['a', 'b'].map((id) => board.progressOf(id))).toEqual([95, 0]);
    board.forget('b');
    expect(board.progressOf('a')).toBe(95);
    board.forget('a');
    expect(board.progressOf('a')).toBe(0);
    board.reportEnd(rowOf('c'));
    expect([calls.mock.calls.length, board.progressOf('c')]).toEqual([2, 100]);
  });
});
