import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import type { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { makePicture, upload, type Uploaded } from '../support/upload.js';

const SUBMIT = '/api/v2/tasks/image-to-video';
const SMALL = { width: 64, height: 64, length: 5, steps: 2, workflow_name: 'Wan2.1 i2v', seed: 1 };

describe('videos from pictures on two nodes (real: all but the nodes)', () => {
  let installation: Installation;
  let ann: ApiClient;
  let picture: Buffer;
  let uploaded: Uploaded;
  let nodeName: string;

  beforeAll(async () => {
    installation = await Installation.start([{ name: 'one' }, { name: 'two' }]);
    ann = await installation.signIn('ann');
    picture = await makePicture('png', 64);
    nodeName = `${createHash('sha256').update(picture).digest('hex')}.png`;
    uploaded = await upload(ann, picture);
  });

  afterAll(() => installation.stop());

  async function submit(image: string, more: object = {}): Promise<string> {
    const body = { prompt: 'waves', negative_prompt: '', image, batch_id: 'b-1', ...SMALL, ...more };
    return (await ann.json<{ task_id: string }>('POST', SUBMIT, body)).task_id;
  }

  async function fetchResult(taskId: string, variant?: string) {
    const query = variant ? `index=0&variant=${variant}` : 'index=0';
    const response = await ann.send('GET', `/api/v2/tasks/${taskId}/download?${query}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
    return Buffer.from(await response.arrayBuffer());
  }

  async function requireCompleted(taskIds: string[]): Promise<void> {
    const states = await waitUntilOver(ann, taskIds);
    expect(states.map(({ status, error_message: error }) => error ?? status)).toEqual(taskIds.map(() => 'completed'));
  }

  const inputFolder = ({ storage }: ComfySimulator) => join(storage.folder('input'), 'cws');

  /** What LoadImage was told, in the graphs that the node still remembers. */
  async function loadedNames({ url }: ComfySimulator): Promise<unknown[]> {
    const history = (await (await fetch(`${url}/history`)).json()) as Record<string, { prompt: unknown[] }>;
    return Object.values(history).map(
      ({ prompt }) => (prompt[2] as Record<string, { inputs: { image: string } }>).image!.inputs.image,
    );
  }

  it('are made by both nodes, which got the picture under the name of its content', async () => {
    const { relative_path: path, file_id: fileId } = uploaded;
    const taskIds = await Promise.all(
      Array.from({ length: 8 }, (_, seed) => submit(seed % 2 ? path : fileId, { seed })),
    );
    await requireCompleted(taskIds);
    for (const simulator of installation.simulators) {
      expect(readdirSync(inputFolder(simulator))).toEqual([nodeName]);
      const names = await loadedNames(simulator);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names)).toEqual(new Set([`cws/${nodeName}`]));
    }
  });

  it('move in an <img>, and come as poster and thumbnail too', async () => {
    const taskId = await submit(uploaded.relative_path, { seed: 99 });
    await requireCompleted([taskId]);
    const whole = await fetchResult(taskId);
    expect(await sharp(whole).metadata()).toMatchObject({ format: 'webp', pages: 5 });
    expect((await sharp(await fetchResult(taskId, 'animation')).metadata()).pages).toBe(5);
    for (const variant of ['poster', 'thumbnail']) {
      const [first, again] = [await fetchResult(taskId, variant), await fetchResult(taskId, variant)];
      expect(again).toEqual(first);
      const { format, width, height, pages = 1 } = await sharp(first).metadata();
      expect([format, width, height, pages]).toEqual(['webp', 64, 64, 1]);
    }
    const { result_data: data } = await ann.json<{ result_data: unknown }>('GET', `/api/v2/tasks/${taskId}`);
    expect(data).toMatchObject({ files: [expect.stringMatching(/\.webp$/)], batch_id: 'b-1', seed: 99 });
  });

  it('get the picture again where a node has lost it', async () => {
    for (const simulator of installation.simulators) rmSync(inputFolder(simulator), { recursive: true });
    const taskIds = await Promise.all([11, 12, 13, 14].map((seed) => submit(uploaded.relative_path, { seed })));
    await requireCompleted(taskIds);
    const shared = await new DataSource(sharedDataSourceOptions(installation.server.settings)).initialize();
    const lost = await shared.query<unknown[]>(`SELECT id FROM node_task_assignments WHERE error_code = 'INPUT_LOST'`);
    await shared.destroy();
    expect(lost.length).toBeGreaterThan(0);
  });

  it('get the picture again where a node was made anew', async () => {
    for (const simulator of installation.simulators) {
      await simulator.kill();
      rmSync(inputFolder(simulator), { recursive: true, force: true });
      await simulator.start();
    }
    await requireCompleted([await submit(uploaded.relative_path, { seed: 21 })]);
  });

  it('I19 are made again from a picture whose upload was deleted since, with all parameters', async () => {
    const { relative_path: path, file_id: fileId } = await upload(ann, picture);
    const taskId = await submit(path, { seed: 31 });
    await requireCompleted([taskId]);
    const first = await fetchResult(taskId);
    await ann.json('DELETE', `/api/v2/files/${fileId}`);
    for (const simulator of installation.simulators) rmSync(inputFolder(simulator), { recursive: true, force: true });
    await ann.reload(taskId);
    await requireCompleted([taskId]);
    const again = await fetchResult(taskId);
    expect(await sharp(again, { animated: true }).raw().toBuffer()).toEqual(
      await sharp(first, { animated: true }).raw().toBuffer(),
    );
  });

  it('are refused with another user’s picture, and with one that never was', async () => {
    const bob = await installation.signIn('bob');
    for (const image of [uploaded.relative_path, uploaded.file_id, '../../etc/passwd', 'cws/x.png']) {
      const answer = await bob.send('POST', SUBMIT, { prompt: 'waves', image, ...SMALL });
      expect([answer.status, await answer.json()]).toEqual([
        404,
        expect.objectContaining({ code: 'UPLOAD_NOT_FOUND' }),
      ]);
    }
  });
});
