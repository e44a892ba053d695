import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { FLAC_TONE, MP4_CLIP } from '../../simulators/comfyui/rendering/fixed-media.js';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';

const PROMPT = 'a lighthouse – 灯台';
const frames = { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 8, color: 255 } };

/** Graphs whose last node is a saver, by the key under which that node tells what it made. */
const GRAPHS = {
  images: {
    '1': frames,
    '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 8 } },
    '3': {
      class_type: 'SaveVideo',
      inputs: { video: ['2', 0], filename_prefix: 'x', format: 'auto', codec: 'auto' },
    },
  },
  gifs: {
    '1': frames,
    '2': {
      class_type: 'VHS_VideoCombine',
      inputs: {
        ...{ images: ['1', 0], frame_rate: 8, loop_count: 0, filename_prefix: 'x', format: 'video/h264-mp4' },
        ...{ pingpong: false, save_output: true },
      },
    },
  },
  audio: {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SD\\majicmixRealistic_v7.safetensors' } },
    '2': { class_type: 'EmptyLatentAudio', inputs: { seconds: 1, batch_size: 1 } },
    '3': { class_type: 'VAEDecodeAudio', inputs: { samples: ['2', 0], vae: ['1', 2] } },
    '4': { class_type: 'SaveAudio', inputs: { audio: ['3', 0], filename_prefix: 'x' } },
  },
  // Texts count only where no file is saved.
  text: { '1': { class_type: 'PreviewAny', inputs: { source: '' } } },
};

type Kind = keyof typeof GRAPHS;

const EXPECTED: Record<Kind, { bytes: Buffer; type: string; mimeType: string; ending: string }> = {
  images: { bytes: MP4_CLIP, type: 'video', mimeType: 'video/mp4', ending: '.mp4' },
  gifs: { bytes: MP4_CLIP, type: 'video', mimeType: 'video/mp4', ending: '.mp4' },
  audio: { bytes: FLAC_TONE, type: 'audio', mimeType: 'audio/flac', ending: '.flac' },
  text: { bytes: Buffer.from(PROMPT), type: 'text', mimeType: 'text/plain', ending: '.txt' },
};

describe('results of every kind (real: all but the node)', () => {
  let installation: Installation;
  let ann: ApiClient;
  let folder: string;
  let client: DataSource;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'output-kinds-'));
    const workflows = await Promise.all(Object.entries(GRAPHS).map(([kind, graph]) => configure(kind, graph)));
    const taskTypes = { text_to_image: { workflows: Object.fromEntries(workflows) } };
    installation = await Installation.start([{}], { taskTypes });
    ann = await installation.signIn('ann');
    client = await new DataSource(clientDataSourceOptions(installation.server.settings)).initialize();
  });

  afterAll(async () => {
    await client.destroy();
    await installation.stop();
    await rm(folder, { recursive: true });
  });

  async function configure(kind: string, graph: object): Promise<[string, object]> {
    const file = join(folder, `${kind}.json`);
    await writeFile(file, JSON.stringify(graph));
    const prompt = { node_id: '1', input_name: 'source', data_type: 'string' };
    return [
      kind,
      {
        workflow_file: file,
        parameter_mapping: kind === 'text' ? { prompt } : {},
        allowed_frontend_params: kind === 'text' ? ['prompt'] : [],
      },
    ];
  }

  it.each(Object.keys(GRAPHS) as Kind[])('keep and hand out what a node tells under the key %s', async (kind) => {
    const { bytes, type, mimeType, ending } = EXPECTED[kind];
    const taskId = await ann.submit({ prompt: PROMPT, workflow_name: kind });
    const [state] = await waitUntilOver(ann, [taskId]);
    expect(state!.error_message ?? state!.status).toBe('completed');
    const results = await client.query<object[]>(
      `SELECT r.result_type AS type, r.file_size AS size, r.mime_type AS mimeType FROM client_task_results r
       JOIN client_tasks t ON t.id = r.task_id WHERE t.task_id = ?`,
      [taskId],
    );
    expect(results).toEqual([{ type, size: String(bytes.length), mimeType }]);
    const task = await ann.json<{ result_data: { files: string[] } }>('GET', `/api/v2/tasks/${taskId}`);
    expect(task.result_data.files).toEqual([expect.stringMatching(new RegExp(`\\${ending}$`))]);
    const download = await ann.send('GET', `/api/v2/tasks/${taskId}/download?index=0`);
    expect(download.status).toBe(200);
    expect(download.headers.get('content-type')!.split(';')[0]).toBe(mimeType);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
  });
});
