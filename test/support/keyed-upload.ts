import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import type { Settings } from '../../src/config/index.js';
import type { ApiClient } from './api-client.js';
import { makePicture, type Uploaded } from './upload.js';
import { waitFor } from './wait-for.js';

/** Refusals that a careful sender repeats its call after. */
const TRY_AGAIN = new Set([409, 503]);

/** One picture under one Idempotency-Key, sent until its sender knows that it arrived. */
export class KeyedUpload {
  readonly hash: string;

  private constructor(
    private readonly key: string,
    readonly bytes: Buffer,
  ) {
    this.hash = createHash('sha256').update(bytes).digest('hex');
  }

  static async make(key: string): Promise<KeyedUpload> {
    return new KeyedUpload(key, await makePicture());
  }

  send(client: ApiClient): Promise<Response> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(this.bytes)]), 'cat.png');
    return client.send('POST', '/api/v2/upload/image', form, { 'idempotency-key': this.key });
  }

  async sendUntilAnswered(client: ApiClient): Promise<Uploaded & { isReplayed: boolean }> {
    const answer = await waitFor(
      async () => {
        const response = await this.send(client);
        return TRY_AGAIN.has(response.status) ? undefined : response;
      },
      { everyMs: 100, what: 'the answer to an upload' },
    );
    if (!answer.ok) throw new Error(`The upload was answered ${answer.status}: ${await answer.text()}`);
    const isReplayed = answer.headers.get('idempotency-replayed') === 'true';
    return { ...((await answer.json()) as Uploaded), isReplayed };
  }
}

/** The ids of the uploads of these bytes, as its owner's database and as the shared one knows them. */
export async function listUploads(settings: Settings, hash: string): Promise<{ ours: string[]; shared: string[] }> {
  const list = async (options: ReturnType<typeof clientDataSourceOptions>, sql: string) => {
    const database = await new DataSource(options).initialize();
    const rows = await database.query<{ id: string }[]>(sql, [hash]).finally(() => database.destroy());
    return rows.map(({ id }) => id);
  };
  return {
    ours: await list(
      clientDataSourceOptions(settings),
      'SELECT file_id AS id FROM client_uploads WHERE file_hash = ? ORDER BY file_id',
    ),
    shared: await list(
      sharedDataSourceOptions(settings),
      `SELECT file_id AS id FROM global_files WHERE file_hash = ? AND source_type = 'client' ORDER BY file_id`,
    ),
  };
}

/** As if the hour had passed that a cut-off upload holds its key and its place for. */
export async function endDoubts(settings: Settings): Promise<void> {
  const client = await new DataSource(clientDataSourceOptions(settings)).initialize();
  await client
    .query(`UPDATE idempotency_keys SET expires_at = '2000-01-01' WHERE state = 'in_flight'`)
    .finally(() => client.destroy());
  const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
  await shared
    .query(`UPDATE global_files SET expires_at = '2000-01-01' WHERE is_temporary = 1 AND source_type = 'client'`)
    .finally(() => shared.destroy());
}
