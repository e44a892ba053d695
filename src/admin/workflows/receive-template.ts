import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError, InvalidInputError, readAs, TooLargeError, WellFormedPipe } from '../../common/index.js';
import { CreateTemplateDto } from './template.dto.js';

/** A hundred times a usual workflow. */
const LARGEST_BYTES = 2 * 1024 * 1024;

/** Of routes that take one as JSON; a form's file is held to the same. */
export const LARGEST_TEMPLATE = { bodyLimit: LARGEST_BYTES };

/** Fields that are no texts: a form writes them as JSON. */
const JSON_FIELDS = new Set(['parameters', 'estimated_time', 'max_concurrent_tasks']);

const LIMITS = { fileSize: LARGEST_BYTES, fieldSize: LARGEST_BYTES, files: 1, fields: 10 };

/** A new template, from a JSON body or from a form with the workflow as its part "file". */
export async function receiveTemplate(request: FastifyRequest): Promise<CreateTemplateDto> {
  const sent = request.isMultipart?.() ? await readForm(request) : request.body;
  const plain = new WellFormedPipe().transform(sent, { type: 'body' });
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw refused('body', 'Send a JSON object, or a multipart form with the workflow as its part "file".');
  }
  const { value, problems } = await readAs(CreateTemplateDto, plain);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return value;
}

async function readForm(request: FastifyRequest): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  let file: Buffer | undefined;
  try {
    for await (const part of request.parts({ limits: LIMITS })) {
      if (part.type === 'file') file = await part.toBuffer();
      else if (part.valueTruncated) throw tooLarge();
      else fields[part.fieldname] = readField(part.fieldname, part.value);
    }
  } catch (error) {
    // What is left is read and thrown away, so that its sender gets to read the answer.
    request.raw.resume();
    throw error instanceof AppError ? error : toAppError(error);
  }
  if (!file) throw refused('file', 'The part "file" is missing.');
  return { ...fields, graph: parse(file) };
}

function readField(name: string, value: unknown): unknown {
  if (!JSON_FIELDS.has(name) || typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw refused(name, `${name} must be JSON.`);
  }
}

function parse(file: Buffer): unknown {
  if (file.length === 0) throw refused('file', 'The file is empty.');
  try {
    return JSON.parse(file.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw refused('file', `The file is not JSON: ${(error as Error).message}.`);
  }
}

function toAppError(error: unknown): AppError {
  if ((error as { statusCode?: number }).statusCode === 413) return tooLarge();
  return refused('file', 'The upload broke off or is not a proper multipart form; send it again.');
}

function tooLarge(): TooLargeError {
  return new TooLargeError('A workflow is one file of at most 2 MiB.', 'FILE_TOO_LARGE');
}

function refused(field: string, message: string): InvalidInputError {
  return new InvalidInputError([{ field, message }], 'INVALID_WORKFLOW');
}
