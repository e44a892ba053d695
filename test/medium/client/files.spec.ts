import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ClientUsersService,
  ClientWorkflowsService,
  TaskStatesService,
  UploadsService,
} from '../../../src/client/index.js';
import { Clock } from '../../../src/common/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { BlobsRepository, TaskWishesService, UploadedFilesService, type TaskWish } from '../../../src/shared/index.js';
import { UploadedFilesRepository } from '../../../src/shared/files/uploaded-files.repository.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeState } from '../../factories/task-state.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { upload } from '../../support/upload.js';

const PASSWORD = 'correct horse';
const SUBMIT = '/api/v2/tasks/image-to-video';
const FOREVER = new Date(Date.now() + 365 * 86_400_000);

/** Takes a picture into a LoadImage, and has nothing else to set but the prompt. */
function makeVideoWorkflow() {
  const { definition, ...rest } = makePublishedWorkflow({ workflowName: 'i2v' });
  const image = { class_type: 'LoadImage', inputs: { image: '' } };
  const open = { type: 'string' as const, description: '', isOpenToClients: true };
  const parameters = [
    { name: 'prompt', nodeId: 'text', inputName: 'text', ...open },
    { name: 'image', nodeId: 'image', inputName: 'image', ...open },
  ];
  const graph = { ...definition.graph, image };
  return { ...rest, definition: { ...definition, taskType: 'image_to_video' as const, graph, parameters } };
}

describe('a user’s files (real: the API, MariaDB, disk)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;
  let ann: ApiClient;
  let bob: ApiClient;
  let client: Database;
  let shared: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    ({ app, url } = await startApi(server));
    [ann, bob] = [await signIn('ann'), await signIn('bob')];
    await app.get(ClientWorkflowsService).storeVersions([makeVideoWorkflow(), makePublishedWorkflow()]);
    client = app.get<Database>(databaseToken('client'), { strict: false });
    shared = app.get<Database>(databaseToken('shared'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  async function signIn(username: string): Promise<ApiClient> {
    await app.get(ClientUsersService).create({ username, password: PASSWORD });
    return ApiClient.signIn(url, username, PASSWORD);
  }

  const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
  const submit = (image: unknown, more: object = {}, headers = {}) =>
    ann.send('POST', SUBMIT, { prompt: 'waves', negative_prompt: '', image, batch_id: 'b', ...more }, headers);
  const submitted = async (image: string) => ((await (await submit(image)).json()) as { task_id: string }).task_id;
  const isKept = async (fileId: string) =>
    (await shared.rows('SELECT id FROM global_files WHERE file_id = ?', [fileId])).length === 1;

  async function wishOf(taskId: string): Promise<TaskWish> {
    const [row] = await client.rows<{ payload: TaskWish | string }>(
      'SELECT payload FROM outbox WHERE aggregate_id = ? ORDER BY id DESC LIMIT 1',
      [taskId],
    );
    return typeof row!.payload === 'string' ? (JSON.parse(row!.payload) as TaskWish) : row!.payload;
  }

  async function hashOf(fileId: string): Promise<string> {
    const rows = await client.rows<{ hash: string }>('SELECT file_hash AS hash FROM client_uploads WHERE file_id = ?', [
      fileId,
    ]);
    return rows[0]!.hash;
  }

  describe('are their owner’s alone:', () => {
    it("C9 another's file, and one that never was, answer 404", async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      for (const [method, address] of [
        ['GET', `/api/v2/uploads/${path}`],
        ['GET', `/api/v2/files/${id}`],
        ['DELETE', `/api/v2/files/${id}`],
      ] as const) {
        expect(await codeOf(await bob.send(method, address))).toEqual([404, 'UPLOAD_NOT_FOUND']);
      }
      for (const wrong of ['..%2f..%2fstore.json', `x/${path}`, 'nothing', path.replace('20', '19'), '%00']) {
        expect((await ann.send('GET', `/api/v2/uploads/${wrong}`)).status).toBe(404);
      }
      expect(await ann.json('GET', `/api/v2/files/${id}`)).toMatchObject({ file_id: id, relative_path: path });
    });

    it('they are listed by pages with the true total, newest first', async () => {
      const cem = await signIn('cem');
      for (const name of ['a.png', 'b.png', 'c.png']) await upload(cem, undefined, name);
      const page = await cem.json<{ files: { original_name: string }[] }>('GET', '/api/v2/files?limit=2&offset=1');
      expect(page).toMatchObject({ total: 3, limit: 2, offset: 1 });
      expect(page.files.map((file) => file.original_name)).toEqual(['b.png', 'a.png']);
      expect((await cem.send('GET', '/api/v2/files?limit=101')).status).toBe(422);
    });
  });

  describe('deleted', () => {
    it('are gone on both sides at once; the bytes stay for a later sweep', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      expect(await ann.json('DELETE', `/api/v2/files/${id}`)).toMatchObject({ file_id: id });
      expect((await ann.send('GET', `/api/v2/uploads/${path}`)).status).toBe(404);
      expect((await ann.send('DELETE', `/api/v2/files/${id}`)).status).toBe(404);
      expect(await isKept(id)).toBe(false);
    });

    it('answer 409 while a task that is not over needs them, and go when it is over', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      const taskId = await submitted(path);
      expect(await codeOf(await ann.send('DELETE', `/api/v2/files/${id}`))).toEqual([409, 'FILE_IN_USE']);
      expect((await ann.send('GET', `/api/v2/uploads/${path}`)).status).toBe(200);
      await app.get(TaskStatesService).applyStates([makeState({ taskId, status: 'failed', errorCode: 'POISON' })]);
      expect((await ann.send('DELETE', `/api/v2/files/${id}`)).status).toBe(200);
    });

    it('I19 leave their bytes to the tasks that were made from them, until those are deleted too', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      const [taskId, hash] = [await submitted(path), await hashOf(id)];
      await app.get(TaskWishesService).apply([await wishOf(taskId)]);
      await app.get(TaskStatesService).applyStates([makeState({ taskId, status: 'failed' })]);
      await ann.json('DELETE', `/api/v2/files/${id}`);
      const blobs = app.get(BlobsRepository);
      const mark = () => shared.transaction((transaction) => blobs.markDeleting(transaction, hash, FOREVER));
      expect(await mark()).toBe(false);
      await shared.run('DELETE FROM global_tasks WHERE task_id = ?', [taskId]);
      expect(await mark()).toBe(true);
    });
  });

  describe('cut off between the two databases', () => {
    const settle = async () => {
      // The time at which the owner is asked has come.
      await shared.run(`UPDATE global_files SET expires_at = ? WHERE is_temporary = 1`, [new Date(0)]);
      await app.get(UploadsService).settleDoubtful();
    };

    it('I19 go where the client’s row is not there', async () => {
      const { file_id: id } = await upload(ann);
      await client.run('DELETE FROM client_uploads WHERE file_id = ?', [id]);
      await settle();
      expect(await isKept(id)).toBe(true);
      await app.get(UploadedFilesService).doubt(id);
      await settle();
      expect(await isKept(id)).toBe(false);
    });

    it('I19 stay where the client’s row is there', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      await app.get(UploadedFilesService).doubt(id);
      await settle();
      expect(await isKept(id)).toBe(true);
      expect((await ann.send('GET', `/api/v2/uploads/${path}`)).status).toBe(200);
    });

    it('are left alone while they may still be under way', async () => {
      const { file_id: id } = await upload(ann);
      await app.get(UploadedFilesService).doubt(id);
      const files = app.get(UploadedFilesRepository, { strict: false });
      expect(await files.listDoubtful(app.get(Clock).now(), 10)).not.toContain(id);
    });
  });

  describe('made into a video', () => {
    it('C4 are named by path or by id, and the wish carries their bytes’ hash', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      for (const image of [path, id]) {
        const answer = await submit(image);
        expect(answer.status).toBe(200);
        const body = (await answer.json()) as { task_id: string };
        expect(body).toMatchObject({ status: 'queued', message: expect.any(String), estimated_time: 60 });
        const parameter = { name: 'image', type: 'string', value: JSON.stringify(path), fileHash: await hashOf(id) };
        expect((await wishOf(body.task_id)).parameters).toContainEqual(parameter);
      }
    });

    it('C4 answer 404 for a picture that is not one’s own, and 422 for none or a wrong workflow', async () => {
      const { relative_path: path } = await upload(bob);
      const { relative_path: own } = await upload(ann);
      for (const image of [path, own.replace('.png', '.jpg'), '../../etc/passwd']) {
        expect(await codeOf(await submit(image))).toEqual([404, 'UPLOAD_NOT_FOUND']);
      }
      for (const image of [undefined, '', 7, 'x'.repeat(201)]) expect((await submit(image)).status).toBe(422);
      expect(await codeOf(await submit(own, { workflow_name: 'sd_basic' }))).toEqual([422, 'UNKNOWN_WORKFLOW']);
      expect((await submit(own, { parameters: { image: 'other.png' } })).status).toBe(422);
      expect((await submit(own, { length: 258 })).status).toBe(422);
    });

    it('I18 make one task under one key, whose answer is there when the picture is gone', async () => {
      const { file_id: id, relative_path: path } = await upload(ann);
      const key = { 'idempotency-key': 'video-1' };
      const first = (await (await submit(path, {}, key)).json()) as { task_id: string };
      const state = makeState({ taskId: first.task_id, status: 'completed' });
      await app.get(TaskStatesService).applyStates([state]);
      await ann.json('DELETE', `/api/v2/files/${id}`);
      const again = await submit(path, {}, key);
      expect([again.headers.get('idempotency-replayed'), await again.json()]).toEqual(['true', first]);
    });
  });
});
