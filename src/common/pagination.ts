import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** Beyond any list; larger numbers would be written with an exponent, which SQL does not take here. */
const MAX_OFFSET = 1_000_000_000;

/** Which part of a list is asked for; `limit` at most 100, 50 where nothing is said. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_OFFSET, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_OFFSET)
  offset: number = 0;
}

/** One part of a list, with the true number of all its rows. */
export interface Page<T> {
  items: T[];
  total: number;
}

/** What every answer of a list tells of its part; with the rows beside it. */
export class PageView {
  @ApiProperty({ type: 'integer', example: 1, description: 'Of all there are.' })
  total: number;

  @ApiProperty({ type: 'integer', example: 20 })
  limit: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset: number;
}
