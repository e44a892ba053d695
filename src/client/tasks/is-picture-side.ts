import { applyDecorators } from '@nestjs/common';
import { IsDivisibleBy, IsInt, Max, Min } from 'class-validator';

/** A width or height that image models take: a multiple of 8 between 64 and 2048. */
export function IsPictureSide(): PropertyDecorator {
  return applyDecorators(IsInt(), IsDivisibleBy(8), Min(64), Max(2048));
}
