import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { RENDITION_VARIANTS, type RenditionVariant } from '../../shared/index.js';

/** Which of a task's files is asked for, and in which form; the first as it was made where nothing is said. */
export class DownloadQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  index: number = 0;

  /** A smaller, still or (in an `<img>`) moving form, as WebP. */
  @ApiPropertyOptional({ enum: RENDITION_VARIANTS })
  @IsOptional()
  @IsIn(RENDITION_VARIANTS)
  variant?: RenditionVariant;
}
