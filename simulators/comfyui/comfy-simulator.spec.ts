import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { WebSocket } from 'ws';
import { waitFor } from '../../test/support/wait-for.js';
import { ComfySimulator } from './comfy-simulator.js';
import type { HistoryEntry, PromptGraph } from './protocol.js';

interface TextToImage {
  text?: string;
  seed?: number;
  prefix?: string;
  batchSize?: number;
  steps?: number;
}

function textToImage({
  text = 'a red fox',
  seed = 1,
  prefix = 'fox',
  batchSize = 1,
  steps = 2,
}: TextToImage): PromptGraph {
  const sampling = { model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0], denoise: 1 };
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SD/majicmixRealistic_v7.safetensors' } },
    '2': { class_type: 'CLIPTextEncode', inputs: { text, clip: ['1', 1] } },
    '3': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['1', 1] } },
    '4': { class_type: 'EmptyLatentImage', inputs: { width: 96, height: 64, batch_size: batchSize } },
    '5': {
      class_type: 'KSampler',
      inputs: { ...sampling, seed, steps, cfg: 7, sampler_name: 'euler', scheduler: 'normal' },
    },
    '6': { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
    '7': { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: prefix } },
  };
}

describe('ComfySimulator', () => {
  let simulator: ComfySimulator;

  beforeEach(async () => {
    simulator = new ComfySimulator({ stepMs: 0 });
    await simulator.start();
  });

  afterEach(() => simulator.stop());

  const submit = (promptId: string, graph: PromptGraph, more: object = {}) =>
    fetch(`${simulator.url}/prompt`, {
      method: 'POST',
      body: JSON.stringify({ prompt: graph, prompt_id: promptId, client_id: 'test', ...more }),
    });

  const findEntry = async (promptId: string) => {
    const answer = await fetch(`${simulator.url}/history/${promptId}`);
    return ((await answer.json()) as Record<string, HistoryEntry>)[promptId];
  };

  const finished = (promptId: string) => waitFor(() => findEntry(promptId), { what: `the history of ${promptId}` });

  /** The bytes of what node 7 saved. */
  const pictures = async (promptId: string, graph: PromptGraph) => {
    await submit(promptId, graph);
    const { outputs } = await finished(promptId);
    const files = outputs['7']?.images as { filename: string; subfolder: string; type: string }[];
    return Promise.all(
      files.map(async (file) => {
        const answer = await fetch(`${simulator.url}/view?${new URLSearchParams({ ...file })}`);
        return Buffer.from(await answer.arrayBuffer());
      }),
    );
  };

  const pixels = (png: Buffer) => sharp(png).raw().toBuffer();
  const logOf = (promptId: string) => simulator.log.filter((entry) => entry.prompt_id === promptId);

  it('paints the size asked for', async () => {
    const [png] = await pictures('p1', textToImage({}));
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 96, height: 64 });
  });

  it('paints the same picture for the same prompt and seed, and another one for another prompt or seed', async () => {
    const variants = { first: {}, again: { prefix: 'b' }, otherText: { text: 'a blue owl' }, otherSeed: { seed: 2 } };
    const painted: Record<string, Buffer> = {};
    for (const [promptId, variant] of Object.entries(variants)) {
      const [png] = await pictures(promptId, textToImage(variant));
      painted[promptId] = await pixels(png as Buffer);
    }
    expect(painted.again).toEqual(painted.first);
    expect(painted.otherText).not.toEqual(painted.first);
    expect(painted.otherSeed).not.toEqual(painted.first);
  });

  it('paints different pictures within a batch and counts their names on', async () => {
    const [one, two] = await pictures('p1', textToImage({ batchSize: 2, prefix: 'job/out' }));
    expect(await pixels(one as Buffer)).not.toEqual(await pixels(two as Buffer));
    expect(existsSync(path.join(simulator.storage.folder('output'), 'job/out_00002_.png'))).toBe(true);
  });

  it('saves a video as an animated WebP', async () => {
    const graph = textToImage({});
    graph['4'] = {
      class_type: 'WanImageToVideo',
      inputs: {
        positive: ['2', 0],
        negative: ['3', 0],
        vae: ['1', 2],
        width: 64,
        height: 48,
        length: 5,
        batch_size: 1,
      },
    };
    graph['5']!.inputs.latent_image = ['4', 2];
    graph['7'] = {
      class_type: 'SaveAnimatedWEBP',
      inputs: { images: ['6', 0], filename_prefix: 'v', fps: 8, lossless: false, quality: 80, method: 'default' },
    };
    const [webp] = await pictures('p1', graph);
    expect(await sharp(webp, { animated: true }).metadata()).toMatchObject({ format: 'webp', width: 64, pages: 5 });
  });

  it('repeats the old file for an identical prompt', async () => {
    await pictures('p1', textToImage({}));
    await pictures('p2', textToImage({}));
    const [first, second] = [await finished('p1'), await finished('p2')];
    expect(second.outputs).toEqual(first.outputs);
  });

  it('keeps the order of numbers, not of arrival', async () => {
    const endless = textToImage({});
    endless['6'] = {
      class_type: 'TestSlowProgress',
      inputs: { image: ['8', 0], steps: 9999, seconds_per_step: 0.01, preview: false, seed: 0 },
    };
    endless['8'] = { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } };
    await submit('running', endless);
    await submit('late', textToImage({ prefix: 'b' }), { number: 9 });
    await submit('early', textToImage({ prefix: 'c' }), { number: 3 });
    await fetch(`${simulator.url}/interrupt`, { method: 'POST' });
    await Promise.all(['late', 'early'].map(finished));
    const started = simulator.log.filter((entry) => entry.event === 'started').map((entry) => entry.prompt_id);
    expect(started).toEqual(['running', 'early', 'late']);
  });

  describe('told to fail', () => {
    it('runs out of memory once, and then works again', async () => {
      simulator.faults.arm('out_of_memory');
      await submit('p1', textToImage({}));
      const { status } = await finished('p1');
      expect(status).toMatchObject({ status_str: 'error', completed: false });
      expect(status.messages.at(-1)).toMatchObject(['execution_error', { exception_type: 'torch.OutOfMemoryError' }]);
      await submit('p2', textToImage({}));
      expect((await finished('p2')).status.completed).toBe(true);
    });

    it('hangs in the middle of a prompt while HTTP stays alive', async () => {
      simulator.faults.arm('hang');
      await submit('p1', textToImage({}));
      await waitFor(() => simulator.faults.list().length === 0);
      await submit('p2', textToImage({}));
      const queue = (await (await fetch(`${simulator.url}/queue`)).json()) as Record<string, unknown[]>;
      expect(queue.queue_running).toHaveLength(1);
      expect(queue.queue_pending).toHaveLength(1);
    });

    it('dies in the middle of a prompt, and comes back empty on the same port', async () => {
      const { url } = simulator;
      simulator.faults.arm('die');
      await submit('p1', textToImage({}));
      await waitFor(() =>
        fetch(`${url}/prompt`).then(
          () => false,
          () => true,
        ),
      );
      await simulator.restart();
      expect(simulator.url).toBe(url);
      expect(await (await fetch(`${url}/queue`)).json()).toEqual({ queue_running: [], queue_pending: [] });
      expect(logOf('p1').map((entry) => entry.event)).toEqual(['accepted', 'started']);
    });

    it('cuts the websockets and finishes the prompt', async () => {
      const socket = new WebSocket(`${simulator.url}/ws?clientId=test`);
      const closed = new Promise<number>((resolve) => socket.once('close', resolve));
      await new Promise((resolve) => socket.once('open', resolve));
      simulator.faults.arm('drop_socket');
      await submit('p1', textToImage({}));
      expect(await closed).toBe(1006);
      expect((await finished('p1')).status.completed).toBe(true);
    });

    it.each([
      ['http_500', []],
      ['http_500_after_queue', ['accepted', 'started', 'finished']],
    ] as const)('answers %s and logs %j', async (fault, events) => {
      simulator.faults.arm(fault);
      expect((await submit('p1', textToImage({}))).status).toBe(500);
      await submit('p2', textToImage({}));
      await finished('p2');
      expect(logOf('p1').map((entry) => entry.event)).toEqual(events);
    });

    it('loses the history of a prompt that it has run', async () => {
      simulator.faults.arm('lose_history');
      await submit('p1', textToImage({}));
      await submit('p2', textToImage({ prefix: 'other' }));
      await finished('p2');
      expect(await findEntry('p1')).toBeUndefined();
      expect(logOf('p1').at(-1)).toMatchObject({ event: 'finished', outcome: 'success' });
    });

    it('takes faults over HTTP and refuses unknown ones', async () => {
      const arm = (fault: object) =>
        fetch(`${simulator.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
      expect((await arm({ fault: 'teapot' })).status).toBe(400);
      expect((await arm({ fault: 'refuse', path: '/queue' })).status).toBe(200);
      await expect(fetch(`${simulator.url}/queue`)).rejects.toThrow('fetch failed');
      expect((await fetch(`${simulator.url}/queue`)).status).toBe(200);
    });
  });
});
