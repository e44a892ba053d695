import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError, type FieldProblem } from './errors.js';

export interface LoginForm {
  username: string;
  password: string;
  /** Of a second factor, for admins who have one. */
  totpCode?: string | undefined;
}

/** Longest name and password that are looked at; hashing a longer one would only cost time. */
const LONGEST = 200;

/** A sign-in as JSON, URL-encoded or multipart form: the deployed pages differ. Throws 422 naming what is missing. */
export async function readLoginForm(request: FastifyRequest): Promise<LoginForm> {
  const fields = request.isMultipart?.() ? await readParts(request) : ((request.body ?? {}) as Record<string, unknown>);
  const { username, password, totp_code: totpCode } = fields;
  const hasCode = totpCode !== undefined && totpCode !== null && totpCode !== '';
  const problems = [
    findProblem('username', username),
    findProblem('password', password),
    hasCode ? findProblem('totp_code', totpCode) : undefined,
  ].filter((one) => one !== undefined);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const form = { username: (username as string).trim(), password: password as string };
  return hasCode ? { ...form, totpCode: totpCode as string } : form;
}

async function readParts(request: FastifyRequest): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  const limits = { fields: 10, files: 0, fieldNameSize: 100, fieldSize: 4 * LONGEST, parts: 10 };
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') fields[part.fieldname] = part.value;
    }
  } catch (error) {
    // Limits that were reached say so themselves; a form without boundary or end is told by its parser alone.
    if ((error as { statusCode?: number }).statusCode) throw error;
    throw new InvalidInputError([{ field: 'form', message: `The form cannot be read: ${(error as Error).message}.` }]);
  }
  return fields;
}

function findProblem(field: string, value: unknown): FieldProblem | undefined {
  if (typeof value !== 'string' || value.trim() === '') return { field, message: `${field} is required.` };
  if (value.length > LONGEST) return { field, message: `${field} may hold ${LONGEST} characters at most.` };
  return undefined;
}
