import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Inject, Injectable } from '@nestjs/common';
import { NotFoundError, UnavailableError } from '../../common/index.js';
import { Database, InjectDatabase } from '../../database/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { BlobKeeper } from './blob-keeper.js';
import { BlobsRepository } from './blobs.repository.js';
import { renderPicture } from './render-picture.js';
import { renderVideo } from './render-video.js';
import { RenditionsRepository, type Rendition } from './renditions.repository.js';

/** `thumbnail`: small and still; `poster`: the first frame; `animation`: moves in an `<img>`. All are WebP. */
export const RENDITION_VARIANTS = ['thumbnail', 'poster', 'animation'] as const;
export type RenditionVariant = (typeof RENDITION_VARIANTS)[number];

const MIME_TYPE = 'image/webp';

/**
 * Smaller or playable forms of stored files. Each is made when it is first asked for, so that no task waits for it, and
 * kept under its own hash; what is lost half-way is made again by the next who asks.
 */
@Injectable()
export class RenditionsService {
  /** By source and variant: a page that asks twice at once has it made once. */
  private readonly underWay = new Map<string, Promise<Rendition>>();
  /** One at a time: decoding takes a core and tens of megabytes, and nobody's task may wait for it. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly renditions: RenditionsRepository,
    private readonly blobs: BlobsRepository,
    private readonly keeper: BlobKeeper,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  /** Throws 404 where there can be none: a sound, a moving form of a still picture, a video without ffmpeg. */
  async get(source: Rendition, variant: RenditionVariant): Promise<Rendition> {
    const found = await this.renditions.find(source.hash, variant);
    if (found) return found;
    const key = `${source.hash}/${variant}`;
    const running = this.underWay.get(key);
    if (running) return running;
    const made = this.turn.then(() => this.make(source, variant)).finally(() => this.underWay.delete(key));
    this.turn = made.catch(() => undefined);
    this.underWay.set(key, made);
    return made;
  }

  private async make(source: Rendition, variant: RenditionVariant): Promise<Rendition> {
    const found = await this.renditions.find(source.hash, variant);
    if (found) return found;
    const received = await this.store.receive(Readable.from([await this.render(source, variant)]));
    try {
      await this.keeper.keep(received, MIME_TYPE, 'rendition');
    } catch (error) {
      await received.discard();
      throw error;
    }
    const rendition = { hash: received.hash, mimeType: MIME_TYPE };
    await this.database.transaction(async (transaction) => {
      // The source too: one that is being swept must not get a rendition that would outlive it (I19).
      if (!(await this.blobs.lockActive(transaction, [source.hash, rendition.hash]))) {
        throw new UnavailableError('The file is just being removed.', 'BLOB_NOT_ACTIVE');
      }
      await this.renditions.insertAbsent(transaction, source.hash, variant, rendition);
    });
    return rendition;
  }

  private async render({ hash, mimeType }: Rendition, variant: RenditionVariant): Promise<Buffer> {
    const isVideo = mimeType.startsWith('video/');
    const isPicture = mimeType.startsWith('image/') && !mimeType.includes('svg');
    const bytes = isVideo || isPicture ? await this.store.open(hash) : undefined;
    const rendered =
      bytes && (isVideo ? await renderVideo(bytes, variant) : await renderPicture(await buffer(bytes), variant));
    if (rendered) return rendered;
    throw new NotFoundError(`There is no ${variant} of this file (${mimeType}).`, 'NO_RENDITION');
  }
}
