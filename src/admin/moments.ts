import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsOptional, MaxDate, MinDate } from 'class-validator';

/** What a column of times holds, with a day to spare. */
const FIRST_DAY = new Date('1000-01-02T00:00:00Z');
const LAST_DAY = new Date('9999-12-30T00:00:00Z');

/** A moment that may be asked for, in ISO 8601. */
export const OptionalMoment = (description: string) =>
  applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', description, example: '2026-11-22T10:00:00Z' }),
    IsOptional(),
    Type(() => Date),
    IsDate(),
    MinDate(FIRST_DAY),
    MaxDate(LAST_DAY),
  );
