import {
  ValidationPipe,
  type ArgumentMetadata,
  type Type,
  type ValidationError,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { InvalidInputError, type FieldProblem } from './errors.js';
import { isStrictBody } from './strict-body.js';

const TYPES = ['isDefined', 'isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject'];
const OPTIONS: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  exceptionFactory: (errors) => new InvalidInputError(problems(errors)),
};

/**
 * class-validator on every DTO; what is wrong answers 422 with one sentence a field. Unknown fields are dropped, but of a
 * `StrictBody` refused.
 */
export function createValidationPipe(): ValidationPipe {
  return new DtoPipe(OPTIONS);
}

class DtoPipe extends ValidationPipe {
  private readonly strict = new ValidationPipe({ ...OPTIONS, forbidNonWhitelisted: true });

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (isStrictBody(metadata.metatype)) return this.strict.transform(value, metadata);
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (metadata.type !== 'query' || !(error instanceof InvalidInputError)) throw error;
      throw askedOnce(error, value as Record<string, unknown>);
    }
  }
}

/** A parameter that an address holds twice is a list, which nobody wrote: what is wrong with a list helps nobody. */
function askedOnce({ errors, code }: InvalidInputError, query: Record<string, unknown>): InvalidInputError {
  const problems = (errors ?? []).map(({ field, message }) =>
    Array.isArray(query[field]) ? { field, message: `${field} must be given once.` } : { field, message },
  );
  return new InvalidInputError(problems, code);
}

/** What the pipe would make of a body and what it would refuse, for routes that tell it instead of refusing. */
export async function readAs<T extends object>(
  dto: Type<T>,
  plain: object,
): Promise<{ value: T; problems: FieldProblem[] }> {
  const value = plainToInstance(dto, plain);
  const options = isStrictBody(dto) ? { whitelist: true, forbidNonWhitelisted: true } : {};
  return { value, problems: problems(await validate(value, options)) };
}

function problems(errors: ValidationError[], path = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = path ? `${path}.${error.property}` : error.property;
    const own = tellable(error.constraints ?? {}, field).map((message) => ({ field, message: sentence(message) }));
    return [...own, ...problems(error.children ?? [], field)];
  });
}

/** Where it is not even of its type, how large or long it is says nothing. */
function tellable(constraints: Record<string, string>, field: string): string[] {
  if ('whitelistValidation' in constraints) return [`There is no field ${field} here`];
  const ofType = TYPES.map((name) => constraints[name]).find((message) => message !== undefined);
  return ofType === undefined ? Object.values(constraints) : [ofType];
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
