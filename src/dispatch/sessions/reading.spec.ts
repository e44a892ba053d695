import type { HistoryEntry } from '../comfyui/protocol.js';
import { classifyFailure } from './classify-failure.js';
import { overallProgress } from './overall-progress.js';
import { readHistory } from './read-history.js';

const makeEntry = (given: Partial<HistoryEntry> & { last?: string }): HistoryEntry => ({
  prompt: given.prompt,
  outputs: given.outputs ?? {},
  status: given.status ?? {
    status_str: 'success',
    completed: given.last === 'execution_success',
    messages: [
      ['execution_start', {}],
      [given.last ?? 'execution_success', { exception_type: 'ValueError' }],
    ],
  },
});

const file = (filename: string, type: 'output' | 'temp' = 'output') => ({ filename, subfolder: '', type });

describe('readHistory', () => {
  it('finds files under any key, in the order of node ids, and prefers saved ones to previews', () => {
    const outputs = {
      '10': { gifs: [file('b.mp4')] },
      '9': { images: [file('a.png')], animated: [true] },
      '3': { images: [file('p.png', 'temp')], text: ['hello'] },
    };
    const end = readHistory(makeEntry({ outputs, last: 'execution_success' }));
    expect(end).toEqual({
      kind: 'success',
      outputs: [
        { nodeId: '9', state: 'fresh', file: file('a.png') },
        { nodeId: '10', state: 'fresh', file: file('b.mp4') },
      ],
      missing: [],
    });
  });

  it('takes texts where there is no file, and leaves them out beside pictures', () => {
    const end = readHistory(
      makeEntry({
        outputs: { '2': { text: ['b'] }, '1': { text: ['a', 7], other: [null] } },
        last: 'execution_success',
      }),
    );
    expect(end).toEqual({
      kind: 'success',
      outputs: [
        { nodeId: '1', state: 'fresh', text: 'a' },
        { nodeId: '2', state: 'fresh', text: 'b' },
      ],
      missing: [],
    });
  });

  it('tells what came from the cache, and which savers made nothing, but not of nodes that save under no name', () => {
    const saver = { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } };
    const preview = { class_type: 'PreviewImage', inputs: {} };
    const graph = { '1': saver, '2': saver, '3': saver, '4': preview, '5': saver };
    const messages = [
      ['execution_cached', { nodes: ['2'] }],
      ['execution_success', {}],
    ];
    const end = readHistory({
      prompt: [0, 'id', graph, {}, ['1', '2', '3', '4']],
      outputs: { '1': { images: [file('a.png')] }, '2': { images: [file('b.png')] }, '3': { images: [] } },
      status: { status_str: 'success', completed: true, messages } as HistoryEntry['status'],
    });
    expect(end).toEqual({
      kind: 'success',
      outputs: [
        { nodeId: '1', state: 'fresh', file: file('a.png') },
        { nodeId: '2', state: 'cached', file: file('b.png') },
      ],
      missing: ['3'],
    });
  });

  it('goes by the last message, not by the status flag alone', () => {
    const flagged = {
      status_str: 'success',
      completed: true,
      messages: [['execution_error', {}]],
    } as HistoryEntry['status'];
    expect(readHistory(makeEntry({ status: flagged })).kind).toBe('error');
    expect(readHistory(makeEntry({ last: 'execution_interrupted' })).kind).toBe('interrupted');
    expect(readHistory({ outputs: {}, status: null }).kind).toBe('error');
  });
});

describe('classifyFailure', () => {
  const policy = { maxAttempts: 5, retryAt: new Date(0) };

  it('spends no attempt on a node that never got the prompt', () => {
    expect(classifyFailure({ kind: 'unreachable_before_post' }, policy)).toMatchObject({
      mayRetry: true,
      isUnspent: true,
    });
  });

  it('tries elsewhere what this node lacks, and gives up what no node could take', () => {
    const refused = (errorType: string, type: string) =>
      classifyFailure(
        {
          kind: 'refused',
          errorType,
          message: '',
          nodeErrors: { '1': { class_type: 'X', errors: [{ type, message: 'm', details: 'd' }] } },
        },
        policy,
      );
    expect(refused('prompt_outputs_failed_validation', 'value_not_in_list')).toMatchObject({
      mayRetry: true,
      excludeNode: true,
    });
    expect(refused('prompt_outputs_failed_validation', 'value_smaller_than_min')).toMatchObject({ mayRetry: false });
  });

  it('keeps the traceback and later lines of an error to itself', () => {
    const error = {
      node_type: 'KSampler',
      exception_type: 'ValueError',
      exception_message: 'bad size\n/srv/secret/path.py',
    };
    const { errorMessage } = classifyFailure({ kind: 'execution_error', error }, policy);
    expect(errorMessage).toBe('The workflow failed in KSampler: bad size');
  });

  it('knows a lack of GPU memory by its class', () => {
    const error = { exception_type: 'torch.OutOfMemoryError' };
    expect(classifyFailure({ kind: 'execution_error', error }, policy)).toMatchObject({
      errorCode: 'OUT_OF_MEMORY',
      maxAttempts: 5,
    });
  });
});

describe('overallProgress', () => {
  it('weighs nodes by their steps and counts what was not announced yet', () => {
    const nodes = {
      '1': { value: 1, max: 1, state: 'finished' },
      '2': { value: 10, max: 20, state: 'running' },
    };
    expect(overallProgress(nodes, 4)).toBe(47.8);
    expect(overallProgress({}, 0)).toBe(0);
  });
});
