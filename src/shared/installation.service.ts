import { Inject, Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../database/index.js';
import { BLOB_STORE, LocalBlobStore, type BlobStore } from '../storage/index.js';
import { randomUUID } from 'node:crypto';

/** Who we are among installations that may share nodes: the name in our marks on prompts, and the owner of the store. */
@Injectable()
export class InstallationService {
  private id: string | undefined;

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  async getId(): Promise<string> {
    if (this.id) return this.id;
    await this.database.run('INSERT IGNORE INTO store_identity (id, installation_id) VALUES (1, ?)', [randomUUID()]);
    const [row] = await this.database.rows<{ installation_id: string }>(
      'SELECT installation_id FROM store_identity WHERE id = 1',
    );
    return (this.id = row!.installation_id);
  }

  /** Refuses to start on a storage folder of another installation (I20). */
  async claimStore(): Promise<void> {
    if (!(this.store instanceof LocalBlobStore)) return;
    const [blob] = await this.database.rows('SELECT hash FROM blobs WHERE stored_at IS NOT NULL LIMIT 1');
    await this.store.claimFor(await this.getId(), { mustHoldFiles: blob !== undefined });
  }
}
