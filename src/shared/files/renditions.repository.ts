import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';

export interface Rendition {
  hash: string;
  mimeType: string;
}

/** SQL of `blob_renditions`. */
@Injectable()
export class RenditionsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async find(sourceHash: string, variant: string): Promise<Rendition | undefined> {
    const [row] = await this.database.rows<Rendition>(
      'SELECT file_hash AS hash, mime_type AS mimeType FROM blob_renditions WHERE source_hash = ? AND variant = ?',
      [sourceHash, variant],
    );
    return row;
  }

  /** The first one stays: two processes may have made the same at once. */
  async insertAbsent(
    transaction: Executor,
    sourceHash: string,
    variant: string,
    { hash, mimeType }: Rendition,
  ): Promise<void> {
    await transaction.run(
      'INSERT IGNORE INTO blob_renditions (source_hash, variant, file_hash, mime_type) VALUES (?, ?, ?, ?)',
      [sourceHash, variant, hash, mimeType],
    );
  }
}
