import type { FastifyReply } from 'fastify';
import type { BlobStore } from './blob-store.js';
import { contentDisposition, parseRange } from './byte-range.js';

/** A stored file as it is handed out. */
export interface SentFile {
  fileHash: string;
  fileName: string | null;
  mimeType: string | null;
}

/** What a browser may show within our origin; anything else (SVG and HTML run scripts) is saved instead. */
const SHOWN = /^(image\/(?!svg)|video\/|audio\/|text\/plain|application\/json)/;

/**
 * Answers with a stored file: its hash is the ETag, so a browser that has it gets 304; one part may be asked for
 * by Range (206, or 416 where it lies outside).
 */
export async function sendBlob(store: BlobStore, file: SentFile, reply: FastifyReply): Promise<void> {
  const { headers: asked, id: requestId } = reply.request;
  const etag = `"${file.fileHash}"`;
  const mimeType = file.mimeType ?? 'application/octet-stream';
  // Before any header: what is missing here answers as an error, not as a broken picture.
  const sizeBytes = await store.sizeOf(file.fileHash);
  void reply.headers({
    etag,
    'accept-ranges': 'bytes',
    // Behind a sign-in, so no shared cache may keep it; the bytes of a hash never change, but a reload names others.
    'cache-control': 'private, no-cache',
    'content-type': mimeType,
    'content-disposition': contentDisposition(SHOWN.test(mimeType) ? 'inline' : 'attachment', file.fileName ?? 'file'),
  });
  if (isKnown(asked['if-none-match'], etag)) return void (await reply.status(304).send());
  const ifRange = asked['if-range'];
  const range = ifRange !== undefined && ifRange !== etag ? undefined : parseRange(asked.range, sizeBytes);
  if (range === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${sizeBytes}`).removeHeader('content-disposition');
    const message = `The asked range lies outside of the file, which holds ${sizeBytes} bytes.`;
    const body = { detail: message, message, code: 'RANGE_NOT_SATISFIABLE', requestId };
    return void (await reply.status(416).type('application/json; charset=utf-8').send(body));
  }
  if (range) {
    void reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${sizeBytes}`);
  }
  void reply.header('content-length', range ? range.end - range.start + 1 : sizeBytes);
  await reply.send(await store.open(file.fileHash, range));
}

function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
