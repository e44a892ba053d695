import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';

/** What a column of times holds, with a day to spare. */
const FIRST_DAY = new Date('1000-01-02T00:00:00Z');
const LAST_DAY = new Date('9999-12-30T00:00:00Z');

/** A moment that may be asked for, in ISO 8601. */
export const OptionalMoment = (description: string) =>
  applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', description, example: '2026-11-22T10:00:00Z' }),
    IsOptional(),
    Type(() => Date),
    IsMoment(),
  );

function IsMoment(): PropertyDecorator {
  const validate = (value: unknown) => value instanceof Date && value >= FIRST_DAY && value <= LAST_DAY;
  const example = 'write a day such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.';
  return ValidateBy({
    name: 'isMoment',
    validator: { validate, defaultMessage: () => `$property is no time; ${example}` },
  });
}
