import type { IncomingMessage } from 'node:http';
import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError, InvalidInputError, TooLargeError } from '../../common/index.js';
import { BlobTooLargeError, type BlobStore, type ReceivedBlob } from '../../storage/index.js';

export interface ReceivedUpload {
  blob: ReceivedBlob;
  /** As its sender calls it; never a path of ours. */
  originalName: string;
}

const LARGEST_BYTES = 10 * 1024 * 1024;
/** Of a refused upload so much more is read and thrown away, so that its sender gets to read the answer. */
const DRAINED_BYTES = 64 * 1024 * 1024;
const LONGEST_NAME = 255;

/** Takes a form's one file in, or throws and leaves nothing behind: 413 beyond 10 MiB, else 422. */
export async function receiveUpload(request: FastifyRequest, store: BlobStore): Promise<ReceivedUpload> {
  if (!request.isMultipart?.()) throw refused('Send a multipart form with one part "file".', 'FILE_MISSING');
  const received: ReceivedUpload[] = [];
  try {
    for await (const part of request.parts({ limits: { files: 2, fields: 10 } })) {
      if (part.type !== 'file') continue;
      if (part.fieldname !== 'file' || received.length > 0) {
        throw refused('Send exactly one file, in the part "file".', 'ONE_FILE_EXPECTED');
      }
      const blob = await store.receive(part.file, LARGEST_BYTES);
      received.push({ blob, originalName: toName(part.filename) });
    }
    const [upload] = received;
    if (!upload) throw refused('The part "file" is missing.', 'FILE_MISSING');
    if (upload.blob.sizeBytes === 0) throw refused('The file is empty.', 'EMPTY_FILE');
    return upload;
  } catch (error) {
    await Promise.all(received.map(({ blob }) => blob.discard()));
    drain(request.raw);
    throw toAppError(error);
  }
}

/** The multipart reader's own errors speak of forms that are broken off or malformed. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof BlobTooLargeError) {
    return new TooLargeError('The file is larger than 10 MiB.', 'FILE_TOO_LARGE');
  }
  return refused('The upload broke off or is not a proper multipart form; send it again.', 'UPLOAD_BROKEN');
}

function refused(message: string, code: string): InvalidInputError {
  return new InvalidInputError([{ field: 'file', message }], code);
}

/** A browser that is cut off while it sends shows a network error in the place of our reason. */
function drain(raw: IncomingMessage): void {
  let left = DRAINED_BYTES;
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) raw.destroy();
  });
}

/** For people to recognise it by: without folders, control characters and what would not fit its column. */
function toName(given: string | undefined): string {
  const last = given?.split(/[/\\]/).at(-1) ?? '';
  const clean = [...last.replace(/\p{C}/gu, '').trim()].slice(0, LONGEST_NAME).join('');
  return clean || 'picture';
}
