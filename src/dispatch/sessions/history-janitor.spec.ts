import { jest } from '@jest/globals';
import { createLogger } from '../../common/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import { HistoryJanitor } from './history-janitor.js';

const QUARTER_MS = 15 * 60_000;

describe('HistoryJanitor', () => {
  const deleteHistory = jest.fn<ComfyUiClient['deleteHistory']>();
  let janitor: HistoryJanitor;

  beforeEach(() => {
    jest.useFakeTimers();
    deleteHistory.mockReset().mockResolvedValue();
    const logger = createLogger({ level: 'silent', pretty: false });
    janitor = new HistoryJanitor({ deleteHistory } as unknown as ComfyUiClient, logger);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('I15 deletes an entry 15 minutes after its settle, once and not before', () => {
    janitor.add('p');
    janitor.add('p');
    jest.advanceTimersByTime(QUARTER_MS - 1);
    expect(deleteHistory).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(deleteHistory.mock.calls).toEqual([[['p']]]);
    jest.advanceTimersByTime(QUARTER_MS);
    expect(deleteHistory).toHaveBeenCalledTimes(1);
  });

  it('I15 deletes nothing any more once its session has ended: another owner may need the entry', () => {
    janitor.add('p');
    janitor.stop();
    jest.advanceTimersByTime(QUARTER_MS);
    expect(deleteHistory).not.toHaveBeenCalled();
  });
});
