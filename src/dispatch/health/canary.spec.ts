import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import sharp from 'sharp';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { HistoryEntry, PromptSubmission } from '../comfyui/protocol.js';
import { renderTestPicture } from './canary.js';

const PICTURE = { graph: {}, width: 8, height: 8 };
const MARK = { installation: 'us', assignment: 'a1', trialUntilMs: 5 };

/** A node that ends every prompt with these outputs, or none that ends none. */
function makeNode(outputs?: HistoryEntry['outputs'], messages: HistoryEntry['status'] = ended('execution_success')) {
  const running: string[] = [];
  const client = {
    submit: jest.fn((submission: PromptSubmission) =>
      Promise.resolve({ kind: 'accepted', promptId: submission.prompt_id }),
    ),
    history: () => Promise.resolve(outputs && { outputs, status: messages }),
    view: async () => ({ body: Readable.from([await png()]), sizeBytes: undefined }),
    queue: () => Promise.resolve({ running: running.map((promptId) => ({ promptId, extraData: {} })), pending: [] }),
    deletePending: jest.fn(() => Promise.resolve()),
    interrupt: jest.fn(() => Promise.resolve()),
    deleteHistory: jest.fn(() => Promise.reject(new Error('away'))),
  };
  return { ...client, running, client: client as unknown as ComfyUiClient };
}

function ended(how: string, data: Record<string, unknown> = {}): HistoryEntry['status'] {
  return { status_str: '', completed: how === 'execution_success', messages: [[how, data]] };
}

const png = () =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
const file = { '2': { images: [{ filename: 'x.png', subfolder: '', type: 'output' }] } };

describe('a test picture', () => {
  it('tells what came out, under the mark it was given, and its history is deleted', async () => {
    const node = makeNode(file);
    const made = renderTestPicture(node.client, PICTURE, { withinMs: 1_000, mark: MARK });
    expect(await made).toMatchObject({ picture: 'png, 8x8', isRight: true });
    expect(node.submit.mock.calls[0]![0]).toMatchObject({ prompt_id: 'a1', extra_data: { cws: MARK } });
    expect(node.deleteHistory).toHaveBeenCalledWith(['a1']);
  });

  it.each([
    ['made nothing that it names', makeNode({})],
    ['made a text', makeNode({ '3': { text: ['hello'] } })],
    [
      'KSampler: no memory',
      makeNode({}, ended('execution_error', { node_type: 'KSampler', exception_message: 'no memory' })),
    ],
    ['was interrupted', makeNode({}, ended('execution_interrupted'))],
  ])('says that it %s, and its history is deleted', async (words, node) => {
    await expect(renderTestPicture(node.client, PICTURE, { withinMs: 1_000 })).rejects.toThrow(words);
    expect(node.deleteHistory).toHaveBeenCalled();
  });

  it('may come out as a video, which is told by its ending and not looked into', async () => {
    const video = { '2': { gifs: [{ filename: 'x.MP4', subfolder: '', type: 'output' }] } };
    const made = await renderTestPicture(makeNode(video).client, PICTURE, { withinMs: 1_000 });
    expect(made).toMatchObject({ picture: expect.stringMatching(/^mp4, \d+ bytes$/), isRight: false });
  });

  it('is read up to a limit', async () => {
    const rendering = renderTestPicture(makeNode(file).client, PICTURE, { withinMs: 1_000, maxBytes: 10 });
    await expect(rendering).rejects.toThrow('larger than 10 bytes');
  });

  it('I13 is taken off the node when its time is over; an interrupt goes out only while it runs', async () => {
    const node = makeNode();
    const waiting = renderTestPicture(node.client, PICTURE, { withinMs: 1, mark: MARK });
    await expect(waiting).rejects.toThrow('not done within');
    expect(node.deletePending).toHaveBeenCalledWith(['a1']);
    expect(node.interrupt).not.toHaveBeenCalled();
    node.running.push('a1');
    const running = renderTestPicture(node.client, PICTURE, { withinMs: 1, mark: MARK });
    await expect(running).rejects.toThrow('not done within');
    expect(node.interrupt).toHaveBeenCalledWith('a1');
  });
});
