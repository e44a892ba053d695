import type { ApiClient } from '../support/api-client.js';
import { Installation } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

const WORKFLOWS = '/api/admin/workflows';

const picture = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } };
const saver = (source: string) => ({
  class_type: 'SaveImage',
  inputs: { images: [source, 0], filename_prefix: 'x' },
});
/** Ten minutes, unless it is interrupted. */
const SLOW = {
  '1': picture,
  '2': {
    class_type: 'TestSlowProgress',
    inputs: { image: ['1', 0], steps: 6_000, seconds_per_step: 0.1, preview: false, seed: 0 },
  },
  '3': saver('2'),
};
const TEXT = { '1': { class_type: 'PreviewAny', inputs: { source: 'hello' } } };

describe('trials of workflows (real: the whole application, a simulated node)', () => {
  let installation: Installation;
  let admin: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }], { nodes: { maxOutputBytes: 20_000 } });
    admin = await installation.signInAsAdmin();
    await waitFor(async () => {
      const { nodes } = await admin.json<{ nodes: { status: string }[] }>('GET', '/api/nodes');
      return nodes.every(({ status }) => status === 'online');
    });
  });

  afterAll(() => installation.stop());

  const create = (name: string, graph: object) =>
    admin.json('POST', WORKFLOWS, { name, task_type: 'text_to_image', graph });
  const attempt = async (name: string, seconds: number) => {
    const answer = await admin.send('POST', `${WORKFLOWS}/${name}/try`, { run: true, timeout_seconds: seconds });
    return { status: answer.status, ...((await answer.json()) as { code: string; message: string }) };
  };
  const log = () => installation.simulators[0]!.log;

  it('I13 are marked as ours, one at a time, and stopped when their time is over', async () => {
    await create('slow', SLOW);
    const both = await Promise.all([attempt('slow', 2), attempt('slow', 2)]);
    const byStatus = both.sort((a, b) => a.status - b.status);
    expect(byStatus).toMatchObject([
      { status: 409, code: 'TRIAL_RUNNING' },
      { status: 502, code: 'CANARY_TIMEOUT' },
    ]);
    const accepted = log().filter(({ event }) => event === 'accepted');
    expect(accepted).toHaveLength(1);
    const [{ prompt_id: promptId, extra_data: data }] = accepted as [(typeof accepted)[0]];
    expect(data).toMatchObject({ cws: { installation: expect.any(String), assignment: promptId } });
    await waitFor(() => log().some(({ prompt_id: id, outcome }) => id === promptId && outcome === 'interrupted'), {
      what: 'the end of the trial on the node',
    });
  });

  it('make a video from a picture of our own, where users give theirs', async () => {
    const parameters = { prompt: 'waves', width: 64, height: 64, length: 5, steps: 2 };
    const made = await admin.json('POST', `${WORKFLOWS}/Wan2.1 i2v/try`, { run: true, parameters });
    expect(made).toMatchObject({ can_run: true, run: { node_id: 'sim-1', picture: 'webp, 64x64, 5 frames' } });
    const given = { run: true, parameters: { ...parameters, image: 'mine.png' } };
    const refused = await admin.send('POST', `${WORKFLOWS}/Wan2.1 i2v/try`, given);
    expect([refused.status, await refused.json()]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ field: 'parameters.image' })] }),
    ]);
  });

  it('say what came out in the place of a picture, or that it was too large', async () => {
    await create('text', TEXT);
    expect(await attempt('text', 10)).toMatchObject({ status: 502, code: 'NO_PICTURE' });
    await create('huge', {
      '1': { ...picture, inputs: { ...picture.inputs, width: 8_192, height: 8_192 } },
      '2': saver('1'),
    });
    expect(await attempt('huge', 30)).toMatchObject({ status: 502, code: 'CANARY_TOO_LARGE' });
  });
});
