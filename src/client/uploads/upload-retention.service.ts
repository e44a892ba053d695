import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import { UploadedFilesService } from '../../shared/index.js';
import { UploadRetentionRepository } from './upload-retention.repository.js';

export interface UploadRemoval {
  removed: number;
  /** Where the next step begins; undefined: there is none. */
  next: string | undefined;
}

const UPLOADS_AT_ONCE = 100;

/** Removes uploads that no task needs, the way that users delete them: what is cut off, the file sweep settles. */
@Injectable()
export class UploadRetentionService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly uploads: UploadRetentionRepository,
    private readonly files: UploadedFilesService,
  ) {}

  async removeSome(before: Date, after = '0'): Promise<UploadRemoval> {
    const unneeded = await this.uploads.listUnneeded(before, after, UPLOADS_AT_ONCE);
    const removed: string[] = [];
    for (const { id, fileId } of unneeded) {
      await this.files.doubt(fileId);
      const isGone = await this.database.transaction((transaction) => this.uploads.removeUnneeded(transaction, id));
      if (isGone) removed.push(fileId);
      else await this.files.confirm([fileId]);
    }
    await this.files.remove(removed);
    const next = unneeded.length === UPLOADS_AT_ONCE ? unneeded.at(-1)!.id : undefined;
    return { removed: removed.length, next };
  }
}
