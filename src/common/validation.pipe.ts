import { ValidationPipe, type Type, type ValidationError } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { InvalidInputError, type FieldProblem } from './errors.js';

/** class-validator on every DTO; what is wrong answers 422 with one sentence a field. Unknown fields are dropped. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    exceptionFactory: (errors) => new InvalidInputError(problems(errors)),
  });
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
    const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message: sentence(message) }));
    return [...own, ...problems(error.children ?? [], field)];
  });
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
