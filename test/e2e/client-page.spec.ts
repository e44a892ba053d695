import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { Installation, PASSWORD } from '../support/installation.js';
import { makePicture } from '../support/upload.js';
import { waitFor } from '../support/wait-for.js';

/** Where the page is served from. */
const ORIGIN = 'http://localhost:5173';

interface Task {
  task_id: string;
  status: string;
  progress: number;
  result_data: { files: unknown[]; batch_id: string; seed: number; checkpoint: string; workflow_name: string };
  resultUrls?: unknown;
}

/** Speaks as the deployed page does: its calls, its bodies, its headers, and nothing else. */
class Page {
  private token = '';

  constructor(private readonly apiServer: string) {}

  async call(method: string, path: string, body?: object): Promise<Response> {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${this.apiServer}${path}`, {
      method,
      headers: {
        origin: ORIGIN,
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    expect([path, answer.headers.get('access-control-allow-origin')]).toEqual([path, ORIGIN]);
    return answer;
  }

  async read<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.call(method, path, body);
    expect([path, answer.status]).toEqual([path, 200]);
    return (await answer.json()) as T;
  }

  async signIn(username: string, password: string): Promise<void> {
    const form = new FormData();
    form.set('username', username);
    form.set('password', password);
    ({ access_token: this.token } = await this.read<{ access_token: string }>('POST', '/api/auth/login', form));
  }

  async list(): Promise<Task[]> {
    return (await this.read<{ tasks: Task[] }>('GET', '/api/v2/tasks')).tasks;
  }

  /** Each second while it is made; the page waits longer while it is queued, which only takes longer here. */
  follow(taskId: string): Promise<Task & { result: unknown; error: string | null }> {
    return waitFor(
      async () => {
        const status = await this.read<Task & { result: unknown; error: string | null }>(
          'GET',
          `/api/v2/tasks/${taskId}/status`,
        );
        expect(status.progress).toBeGreaterThanOrEqual(0);
        expect(status.progress).toBeLessThanOrEqual(100);
        return ['completed', 'failed', 'cancelled'].includes(status.status) ? status : undefined;
      },
      { everyMs: 100, timeoutMs: 60_000, what: `the end of task ${taskId}` },
    );
  }
}

describe('the deployed client page (real: the whole application; simulated nodes)', () => {
  let installation: Installation;
  let page: Page;

  beforeAll(async () => {
    installation = await Installation.start([{}, {}]);
    await installation.app.createClientUserIfAbsent('studio', PASSWORD);
    page = new Page(installation.app.url);
  });

  afterAll(() => installation.stop());

  /** Fetched twice, as the page does: once to look at it, once to show it. */
  async function fetchTwice({ task_id: taskId, result_data: { files } }: Task): Promise<Buffer[]> {
    const pictures = [];
    for (const index of files.keys()) {
      const path = `/api/v2/tasks/${taskId}/download?index=${index}`;
      const [once, again] = [await page.call('GET', path), await page.call('GET', path)];
      expect([once.status, once.headers.get('content-disposition')]).toEqual([200, expect.stringMatching(/^inline/)]);
      const bytes = Buffer.from(await once.arrayBuffer());
      expect(Buffer.from(await again.arrayBuffer()).equals(bytes)).toBe(true);
      pictures.push(bytes);
    }
    return pictures;
  }

  it('C1–C9 signs in, lists, uploads, submits both kinds, follows them, fetches every picture twice, and reloads', async () => {
    const preflight = await fetch(`${installation.app.url}/api/v2/tasks/text-to-image`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(preflight.headers.get('access-control-max-age')).toBe('600');

    const refused = await page.call('GET', '/api/v2/tasks');
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ detail: expect.any(String), message: expect.any(String) });

    await page.signIn('studio', PASSWORD);
    expect(await page.list()).toEqual([]);

    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(await makePicture('jpeg', 64))], { type: 'image/jpeg' }), 'me & you.jpg');
    const uploaded = await page.read<{ success: boolean; relative_path: string }>('POST', '/api/v2/upload/image', form);
    expect(uploaded.success).toBe(true);
    expect((await page.call('GET', `/api/v2/uploads/${uploaded.relative_path}`)).status).toBe(200);

    const still = await page.read<Task>('POST', '/api/v2/tasks/text-to-image', {
      prompt: 'a lighthouse in a storm',
      negative_prompt: 'blurry',
      width: 832,
      height: 1480,
      workflow_name: 'sd_basic',
      checkpoint: 'SD\\majicmixRealistic_v7.safetensors',
      seed: -1,
      batch_id: 'batch-1',
    });
    const moving = await page.read<Task>('POST', '/api/v2/tasks/image-to-video', {
      prompt: 'waves',
      negative_prompt: '',
      image: uploaded.relative_path,
      workflow_name: 'Wan2.1 i2v',
      batch_id: 'batch-2',
    });
    for (const { task_id: taskId } of [still, moving]) {
      const { status, error, result } = await page.follow(taskId);
      expect([status, error]).toEqual(['completed', null]);
      expect(result).not.toBeNull();
    }

    const tasks = await page.list();
    expect(tasks.map(({ task_id: taskId }) => taskId)).toEqual([moving.task_id, still.task_id]);
    for (const task of tasks) expect(task).not.toHaveProperty('resultUrls');
    const [picture] = await fetchTwice(tasks[1]!);
    expect(await sharp(picture).metadata()).toMatchObject({ width: 832, height: 1480 });
    const [video] = await fetchTwice(tasks[0]!);
    expect(await sharp(video, { animated: true }).metadata()).toMatchObject({ pages: expect.any(Number) });

    await page.read('POST', '/api/v2/tasks/reload', { task_id: still.task_id });
    await page.follow(still.task_id);
    const [, reloaded] = await page.list();
    const { seed, batch_id: batchId, checkpoint } = tasks[1]!.result_data;
    expect(reloaded!.result_data).toMatchObject({ seed, batch_id: batchId, checkpoint });
    const [newer] = await fetchTwice(reloaded!);
    expect(hashOf(newer!)).not.toBe(hashOf(picture!));
  }, 120_000);
});

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
