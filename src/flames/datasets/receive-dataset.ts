import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { type AppError, InvalidInputError, TooLargeError } from '../../common/index.js';
import type { ImportOptions } from './import-rules.js';

/** Eighty times the published set; it is held in memory, because its fields may come behind it. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const LONGEST_SOURCE_NAME = 255;

/** A form with the part "file" and the fields `name`, `number`, `skip_bad_lines`; 413 beyond 16 MiB, else 422. */
export async function receiveDataset(request: FastifyRequest): Promise<{ file: Buffer; options: ImportOptions }> {
  if (!request.isMultipart?.()) throw refused('file', 'Send a multipart form with one part "file" and a field "name".');
  const fields: Record<string, unknown> = {};
  let received: { file: Buffer; sourceName: string } | undefined;
  try {
    for await (const part of request.parts({ limits: { fileSize: LARGEST_BYTES, files: 1, fields: 10 } })) {
      if (part.type === 'file') received = { file: await part.toBuffer(), sourceName: toName(part.filename) };
      else fields[part.fieldname] = part.value;
    }
  } catch (error) {
    // What is left is read and thrown away, so that its sender gets to read the answer.
    request.raw.resume();
    throw toAppError(error);
  }
  if (!received) throw refused('file', 'The part "file" is missing.');
  return { file: received.file, options: { ...toOptions(fields), sourceName: received.sourceName } };
}

function toOptions({ name, number, skip_bad_lines: skips = 'false' }: Record<string, unknown>): ImportOptions {
  if (typeof name !== 'string') throw refused('name', 'name is required.');
  if (skips !== 'true' && skips !== 'false') throw refused('skip_bad_lines', 'skip_bad_lines must be true or false.');
  return { name, number: number === undefined ? undefined : Number(number), skipBadLines: skips === 'true' };
}

/** The form's reader names its limits and what is malformed by errors of its own. */
function toAppError(error: unknown): AppError {
  if ((error as { statusCode?: number }).statusCode === 413) {
    return new TooLargeError('A dataset is one file of at most 16 MiB.', 'FILE_TOO_LARGE');
  }
  return refused('file', 'The upload broke off or is not a proper multipart form; send it again.');
}

function refused(field: string, message: string): InvalidInputError {
  return new InvalidInputError([{ field, message }], 'DATASET_REFUSED');
}

/** For people to recognise it by: without folders and control characters. */
function toName(given: string | undefined): string {
  const last = given?.split(/[/\\]/).at(-1) ?? '';
  return [...last.replace(/\p{C}/gu, '').trim()].slice(0, LONGEST_SOURCE_NAME).join('');
}
