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

const OPTIONS: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  exceptionFactory: (errors) => new InvalidInputError(problems(errors)),
};

class DtoPipe extends ValidationPipe {
  private readonly strict = new ValidationPipe({ ...OPTIONS, forbidNonWhitelisted: true });

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return isStrictBody(metadata.metatype) ? this.strict.transform(value, metadata) : super.transform(value, metadata);
  }
}

/**
 * class-validator on every DTO; what is wrong answers 422 with one sentence a field. Unknown fields are dropped, but of a
 * `StrictBody` refused.
 */
export function createValidationPipe(): ValidationPipe {
  return new DtoPipe(OPTIONS);
}

/** What the pipe would make of a body and what it would refuse, for routes that tell it instead of refusing. */
export async function readAs<T extends object>(
  dto: Type<T>,
  plain: object,
): Promise<{ value: T; problems: FieldProblem[] }> {
  const value = plainToInstance(dto, plain);
  return { value, problems: problems(await validate(value)) };
}

function problems(errors: ValidationError[], path = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = path ? `${path}.${error.property}` : error.property;
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      field,
      message: rule === 'whitelistValidation' ? `There is no field ${field} here.` : sentence(message),
    }));
    return [...own, ...problems(error.children ?? [], field)];
  });
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
