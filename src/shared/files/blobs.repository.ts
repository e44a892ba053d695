import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';

/** Which bytes our storage holds, and until when they may not be swept although nothing refers to them yet (I19). */
@Injectable()
export class BlobsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Before the bytes are looked for or written. False while the sweep is deleting them: try again shortly. */
  async pin(blob: { hash: string; sizeBytes: number; mimeType: string }, until: Date): Promise<boolean> {
    const { hash, sizeBytes, mimeType } = blob;
    await this.database.run(
      `INSERT INTO blobs (hash, size_bytes, mime_type, state, pinned_until) VALUES (?, ?, ?, 'active', ?)
       ON DUPLICATE KEY UPDATE pinned_until = IF(state = 'active', GREATEST(pinned_until, VALUES(pinned_until)), pinned_until)`,
      [hash, sizeBytes, mimeType, until],
    );
    const [row] = await this.database.rows<{ state: string }>('SELECT state FROM blobs WHERE hash = ?', [hash]);
    return row?.state === 'active';
  }

  async markStored(hash: string, now: Date): Promise<void> {
    await this.database.run('UPDATE blobs SET stored_at = COALESCE(stored_at, ?) WHERE hash = ?', [now, hash]);
  }

  /** Holds the rows until the settle commits; false where one of them is not active any more. */
  async lockActive(transaction: Executor, hashes: string[]): Promise<boolean> {
    const wanted = [...new Set(hashes)].sort();
    if (wanted.length === 0) return true;
    const rows = await transaction.rows<{ hash: string }>(
      `SELECT hash FROM blobs WHERE hash IN (?) AND state = 'active' ORDER BY hash FOR UPDATE`,
      [wanted],
    );
    return rows.length === wanted.length;
  }
}
