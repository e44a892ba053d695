import { extname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import sharp from 'sharp';
import { UpstreamError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { BlobKeeper, type HarvestedFile } from '../../shared/index.js';
import { BLOB_STORE, BlobTooLargeError, type BlobStore, type ReceivedBlob } from '../../storage/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { FileReference } from '../comfyui/protocol.js';
import { mediaTypeOf } from './media-types.js';
import type { PromptOutput } from './read-history.js';

/** Thrown where a file that the node named cannot be had, however often it is asked. */
export class OutputMissingError extends Error {}

/** Brings a prompt's files from its node into our storage, where they stay whatever becomes of the node. */
@Injectable()
export class Harvester {
  constructor(
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    private readonly keeper: BlobKeeper,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async fetch(client: ComfyUiClient, output: PromptOutput, name: string): Promise<HarvestedFile> {
    const { nodeId, state } = output;
    const file = 'file' in output ? output.file : { filename: 'text.txt', subfolder: '', type: 'text' };
    const received = 'file' in output ? await this.receive(client, output.file) : await this.receiveText(output.text);
    try {
      const described = await describe(received, file.filename);
      await this.keeper.keep(received, described.mimeType, 'harvest');
      return {
        hash: received.hash,
        sizeBytes: received.sizeBytes,
        fileName: `${name}${endingOf(file.filename)}`,
        ...described,
        origin: { graphNode: nodeId, filename: file.filename, subfolder: file.subfolder, kind: file.type, state },
      };
    } catch (error) {
      await received.discard();
      throw error;
    }
  }

  private async receive(client: ComfyUiClient, file: FileReference): Promise<ReceivedBlob> {
    const source = await client.view(file);
    if (!source) throw new OutputMissingError(`the node has no ${file.filename}`);
    const limit = this.settings.nodes.maxOutputBytes;
    const received = await this.store.receive(named(source.body, file.filename), limit).catch((error: unknown) => {
      if (!(error instanceof BlobTooLargeError)) throw error;
      throw new OutputMissingError(`${file.filename} is longer than nodes.max_output_bytes allows`, { cause: error });
    });
    if (source.sizeBytes === undefined || source.sizeBytes === received.sizeBytes) return received;
    await received.discard();
    throw new UpstreamError(`${file.filename} was cut off on its way.`, 'NODE_CUT_OFF');
  }

  private receiveText(text: string): Promise<ReceivedBlob> {
    return this.store.receive(Readable.from([Buffer.from(text)]));
  }
}

/** A stream that breaks is the node's trouble, and told apart from that of our own disk. */
function named(body: Readable, fileName: string): Readable {
  const wrapped = new PassThrough();
  body.on('error', (error) => {
    const message = `${fileName} broke off on its way: ${error.message}`;
    wrapped.destroy(new UpstreamError(message, 'NODE_CUT_OFF', { cause: error }));
  });
  wrapped.on('close', () => body.destroy());
  return body.pipe(wrapped);
}

/** A node may name its files as it likes; what becomes part of a name of ours is short and plain. */
export function endingOf(fileName: string): string {
  const ending = extname(fileName).toLowerCase();
  return /^\.\w{1,10}$/.test(ending) ? ending : '';
}

type Description = Pick<HarvestedFile, 'mimeType' | 'type' | 'width' | 'height' | 'durationSeconds'>;

/** By content where it is a picture, else by the name's ending; an animated picture counts as a video. */
async function describe({ path }: ReceivedBlob, fileName: string): Promise<Description> {
  const named = mediaTypeOf(fileName) ?? { mimeType: 'application/octet-stream', type: 'file' as const };
  if (named.type !== 'image') return { ...named, width: null, height: null, durationSeconds: null };
  const {
    width,
    height,
    pages = 1,
    pageHeight,
    delay = [],
  } = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw new UpstreamError(`${fileName} is not a readable picture.`, 'OUTPUT_UNREADABLE', { cause: error });
    });
  const durationMs = delay.reduce((sum, frame) => sum + frame, 0);
  return {
    mimeType: named.mimeType,
    type: pages > 1 ? 'video' : 'image',
    width,
    height: pageHeight ?? height,
    durationSeconds: pages > 1 ? durationMs / 1_000 : null,
  };
}
