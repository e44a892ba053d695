import { Injectable } from '@nestjs/common';
import { Clock, UnavailableError } from '../../common/index.js';
import { Database, InjectDatabase } from '../../database/index.js';
import { BlobsRepository } from './blobs.repository.js';
import { UploadedFilesRepository, type UploadedFile } from './uploaded-files.repository.js';

/** How long the owner of a file has to say whether it exists: far longer than any request takes. */
const DOUBT_MS = 3_600_000;

/**
 * The files of uploads on the side of `shared`, whose rows keep their bytes from the sweep. The upload itself is the
 * client database's, and no transaction crosses databases: so a row is in doubt (temporary, with a time at which the
 * owner is asked) from before the owner's commit until after it, when it comes into being and when it goes.
 */
@Injectable()
export class UploadedFilesService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly files: UploadedFilesRepository,
    private readonly blobs: BlobsRepository,
    private readonly clock: Clock,
  ) {}

  /** Refers to stored bytes, in doubt until `confirm`. */
  async announce(file: UploadedFile): Promise<void> {
    await this.database.transaction(async (transaction) => {
      if (!(await this.blobs.lockActive(transaction, [file.hash]))) {
        throw new UnavailableError('The same bytes are just being swept; send them again.', 'BLOB_NOT_ACTIVE');
      }
      await this.files.insert(transaction, file, this.doubtUntil());
    });
  }

  /** The owner's row is there. */
  confirm(fileIds: string[]): Promise<void> {
    return this.files.confirm(fileIds);
  }

  /** Before the owner's row goes. */
  doubt(fileId: string): Promise<void> {
    return this.files.doubt(fileId, this.doubtUntil());
  }

  /** The owner's row is gone: the bytes stay for what else refers to them, and for a while. */
  async remove(fileIds: string[]): Promise<void> {
    if (fileIds.length === 0) return;
    await this.database.transaction(async (transaction) => {
      await this.blobs.release(transaction, await this.files.listHashes(transaction, fileIds));
      await this.files.remove(transaction, fileIds);
    });
  }

  /** Files whose owner was cut off: it must be asked. */
  listDoubtful(limit: number): Promise<string[]> {
    return this.files.listDoubtful(this.clock.now(), limit);
  }

  private doubtUntil(): Date {
    return new Date(this.clock.now().getTime() + DOUBT_MS);
  }
}
