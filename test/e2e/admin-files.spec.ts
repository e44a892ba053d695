import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { upload } from '../support/upload.js';

interface File {
  file_id: string;
  kind: string;
  username: string;
  task_id: string | null;
  url: string | null;
  file_size: number;
}

interface Files {
  files: File[];
  total: number;
}

describe("users' files in an admin's hands (real: the whole application, a simulated node)", () => {
  let installation: Installation;
  let alice: ApiClient;
  let admin: ApiClient;
  let taskId: string;
  let uploaded: { file_id: string; relative_path: string };

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }]);
    alice = await installation.signIn('alice');
    admin = await installation.signInAsAdmin();
    taskId = await alice.submit({ prompt: 'a cat', width: 64, height: 64 });
    await waitUntilOver(alice, [taskId]);
    uploaded = await upload(alice);
  });

  afterAll(() => installation.stop());

  const list = (query = '') => admin.json<Files>('GET', `/api/admin/files${query}`);
  const remove = async (fileId: string) => {
    const answer = await admin.send('DELETE', `/api/admin/files/${fileId}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('are listed with whose they are, the newest first', async () => {
    const { files, total } = await list();
    expect(total).toBe(2);
    expect(files).toMatchObject([
      { file_id: uploaded.file_id, kind: 'upload', username: 'alice', task_id: null, url: null, type: 'image' },
      { kind: 'result', username: 'alice', task_id: taskId, mime_type: 'image/png', width: 64, height: 64 },
    ]);
    expect((await fetch(files[1]!.url!)).status).toBe(200);
    const kindsOf = async (query: string) => (await list(query)).files.map(({ kind }) => kind);
    expect(await kindsOf('?kind=upload')).toEqual(['upload']);
    expect(await kindsOf('?kind=result&user=alice&type=image')).toEqual(['result']);
    expect(await kindsOf('?user=nobody')).toEqual([]);
    expect(await kindsOf('?type=video')).toEqual([]);
    expect(await kindsOf(`?min_size=${files[1]!.file_size}&max_size=${files[1]!.file_size}`)).toContain('result');
    expect(await kindsOf(`?to=${new Date(Date.now() - 3_600_000).toISOString()}`)).toEqual([]);
    expect(await list('?limit=1&offset=1')).toMatchObject({ total: 2, files: [{ kind: 'result' }] });
    for (const bad of ['kind=x', 'type=x', 'min_size=-1', 'from=soon', 'from=2026-02-02&to=2026-02-01']) {
      expect((await admin.send('GET', `/api/admin/files?${bad}`)).status).toBe(422);
    }
  });

  it('are summed up, with the disk that they are on', async () => {
    const { files } = await list();
    const bytes = files.reduce((sum, file) => sum + file.file_size, 0);
    const today = new Date().toISOString().slice(0, 10);
    expect(await admin.json('GET', '/api/admin/storage')).toMatchObject({
      kinds: [
        { kind: 'upload', files: 1, bytes: files[0]!.file_size },
        { kind: 'result', files: 1, bytes: files[1]!.file_size },
      ],
      top_users: [{ username: 'alice', files: 2, bytes }],
      stored: { blobs: expect.any(Number), bytes: expect.any(Number), unreferenced: 0, unreferenced_bytes: 0 },
      disk: { total_bytes: expect.any(Number), free_bytes: expect.any(Number) },
      growth: expect.arrayContaining([{ day: today, kind: 'upload', files: 1, bytes: files[0]!.file_size }]),
    });
  });

  it('I19 are deleted by the rules that hold for their owner, and results with their task alone', async () => {
    await admin.json('POST', '/api/nodes/sim-1/cordon');
    const { task_id: waiting } = await alice.json<{ task_id: string }>('POST', '/api/v2/tasks/image-to-video', {
      prompt: 'a cat',
      image: uploaded.relative_path,
      workflow_name: 'Wan2.1 i2v',
    });
    expect(await remove(uploaded.file_id)).toMatchObject({ status: 409, body: { code: 'FILE_IN_USE' } });
    await admin.json('POST', `/admin/tasks/${waiting}/cancel`);
    await waitUntilOver(alice, [waiting]);
    expect(await remove(uploaded.file_id)).toMatchObject({ status: 200, body: { file_id: uploaded.file_id } });
    expect((await alice.send('GET', `/api/v2/files/${uploaded.file_id}`)).status).toBe(404);
    expect(await remove(uploaded.file_id)).toMatchObject({ status: 404 });
    const [result] = (await list('?kind=result')).files;
    expect(await remove(result!.file_id)).toMatchObject({ status: 409, body: { code: 'FILE_IS_RESULT' } });
    expect((await list()).total).toBe(1);
  });
});
