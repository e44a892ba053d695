import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  Clock,
  ConflictError,
  contentHash,
  killPoint,
  LOGGER,
  newId,
  NotFoundError,
  type Logger,
  type PageQuery,
} from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { BlobKeeper, UploadedFilesService } from '../../shared/index.js';
import { BLOB_STORE, type BlobStore, type ReceivedBlob, type SentFile } from '../../storage/index.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { AtMost } from './at-most.js';
import { readPicture, type Picture } from './read-picture.js';
import { receiveUpload } from './receive-upload.js';
import { toFileView, toUploadedView, type FileListView, type FileView, type UploadedView } from './upload-view.js';
import { UploadsRepository, type Upload } from './uploads.repository.js';

/** Of the pool's four threads, which files, look-ups and passwords need too. */
const DECODED_AT_ONCE = 2;
const DOUBTFUL_AT_ONCE = 1_000;
const FILE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Pictures that users send. Bytes first, then the row of `shared` that keeps them (in doubt), then our own row: a crash
 * in between leaves at worst bytes or a doubtful row, which the file sweep removes, and never an upload without bytes. A
 * deletion goes the same way back.
 */
@Injectable()
export class UploadsService {
  private readonly decoding = new AtMost(DECODED_AT_ONCE);

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly uploads: UploadsRepository,
    private readonly files: UploadedFilesService,
    private readonly keeper: BlobKeeper,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    private readonly idempotency: IdempotencyService,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws 422 or 413 where the file is not a picture that we take. The call's body is the file and its name. */
  async take(clientId: string, request: FastifyRequest, call?: KeyedCall): Promise<Answered<UploadedView>> {
    const { blob, originalName } = await receiveUpload(request, this.store);
    try {
      const picture = await this.decoding.run(() => readPicture(blob.path, this.settings.uploads.maxPixels));
      const upload = this.makeUpload(clientId, originalName, blob, picture);
      const keyed = call && { ...call, bodyHash: contentHash({ hash: blob.hash, originalName }) };
      return await this.idempotency.onceMarked<UploadedView>(keyed, async (finish) => {
        await this.keeper.keep(blob, picture.mimeType, 'upload');
        await this.files.announce(upload);
        killPoint('upload.announced');
        const view = toUploadedView(upload);
        await this.database.transaction(async (transaction) => {
          await this.uploads.insert(transaction, upload);
          await finish(transaction, view);
        });
        killPoint('upload.committed');
        await this.orLater(this.files.confirm([upload.fileId]));
        return view;
      });
    } finally {
      // Once the bytes are in place there is nothing here any more.
      await blob.discard();
    }
  }

  async list(clientId: string, { limit, offset }: PageQuery): Promise<FileListView> {
    const { items, total } = await this.uploads.list(clientId, { limit, offset });
    return { files: items.map(toFileView), total, limit, offset };
  }

  async get(clientId: string, fileId: string): Promise<FileView> {
    const upload = await this.uploads.find(clientId, fileId);
    if (!upload) throw uploadNotFound();
    return toFileView(upload);
  }

  async getContent(clientId: string, relativePath: string): Promise<SentFile> {
    const upload = await this.uploads.find(clientId, fileIdOf(relativePath));
    if (upload?.relativePath !== relativePath) throw uploadNotFound();
    return { fileHash: upload.hash, fileName: upload.originalName, mimeType: upload.mimeType };
  }

  /** By its path or its id; held until the transaction ends. Throws 404, for another's too. */
  async lock(transaction: Executor, clientId: string, reference: string): Promise<Upload> {
    const upload = await this.uploads.lock(transaction, clientId, fileIdOf(reference));
    const isMeant = upload && [upload.fileId, upload.relativePath].includes(reference);
    if (!isMeant) throw uploadNotFound();
    return upload;
  }

  /** Throws 409 while a task that is not over needs it. Tasks that are over keep its bytes (I19). */
  async delete(clientId: string, fileId: string): Promise<void> {
    if (!(await this.uploads.find(clientId, fileId))) throw uploadNotFound();
    await this.files.doubt(fileId);
    await this.database.transaction(async (transaction) => {
      const upload = await this.lock(transaction, clientId, fileId);
      if (await this.uploads.isInUse(transaction, upload)) {
        throw new ConflictError('A task that is not over yet needs this file; cancel it first.', 'FILE_IN_USE');
      }
      await this.uploads.remove(transaction, fileId);
    });
    await this.orLater(this.files.remove([fileId]));
  }

  /** The same on the owner's behalf; false where nobody uploaded such a file. */
  async deleteAnyones(fileId: string): Promise<boolean> {
    const clientId = await this.uploads.findOwner(fileId);
    if (clientId === undefined) return false;
    await this.delete(clientId, fileId);
    return true;
  }

  /** For the file sweep: settles what was cut off between the two databases. */
  async settleDoubtful(): Promise<void> {
    const doubtful = await this.files.listDoubtful(DOUBTFUL_AT_ONCE);
    const existing = new Set(await this.uploads.listExisting(doubtful));
    await this.files.confirm([...existing]);
    await this.files.remove(doubtful.filter((fileId) => !existing.has(fileId)));
  }

  private makeUpload(clientId: string, originalName: string, blob: ReceivedBlob, picture: Picture): Upload {
    const { extension, mimeType, width, height } = picture;
    const [fileId, createdAt] = [newId(), this.clock.now()];
    const fileName = `${fileId}.${extension}`;
    const relativePath = `${createdAt.toISOString().slice(0, 7).replace('-', '/')}/${fileName}`;
    const { hash, sizeBytes } = blob;
    return {
      fileId,
      clientId,
      originalName,
      fileName,
      relativePath,
      hash,
      sizeBytes,
      mimeType,
      width,
      height,
      createdAt,
    };
  }

  /** What is done for the user already must not fail for what the sweep would make good. */
  private async orLater(work: Promise<void>): Promise<void> {
    await work.catch((err: unknown) => this.logger.warn({ err }, 'an upload stays in doubt until the next file sweep'));
  }
}

function uploadNotFound(): NotFoundError {
  return new NotFoundError('There is no such uploaded file.', 'UPLOAD_NOT_FOUND');
}

/** The id within a relative path, or the id itself; the path is compared afterwards. */
function fileIdOf(reference: string): string {
  const id = reference.split('/').at(-1)!.split('.')[0]!;
  return FILE_ID.test(id) ? id : '';
}
