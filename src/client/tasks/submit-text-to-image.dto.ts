import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { IsFurtherParameters } from './is-further-parameters.js';
import { IsPictureSide } from './is-picture-side.js';

/**
 * A picture asked for. What is left out or null takes the workflow's default; numbers must be numbers. The page
 * sends the first eight fields, scripts may set whatever else their workflow opens.
 */
export class SubmitTextToImageDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: 2000, example: 'a lighthouse in a storm' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString({ message: 'prompt must be a text' })
  @Length(1, 2000, { message: 'prompt must hold 1 to 2000 characters' })
  prompt: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 2000 })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  negative_prompt?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 64, maximum: 2048, multipleOf: 8, example: 768 })
  @IsOptional()
  @IsPictureSide()
  width?: number | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 64, maximum: 2048, multipleOf: 8, example: 512 })
  @IsOptional()
  @IsPictureSide()
  height?: number | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'sd_basic' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow_name?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Separators may be / or \\\\.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  checkpoint?: string | null;

  /** −1 has one drawn. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: -1, maximum: Number.MAX_SAFE_INTEGER })
  @IsOptional()
  @IsInt()
  @Min(-1)
  @Max(Number.MAX_SAFE_INTEGER)
  seed?: number | null;

  /** Tasks that share one are shown as a single card. */
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 64 })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  batch_id?: string | null;

  /** Told of the end of every run, instead of the address in the user's settings. */
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 500, example: 'https://example.org/hook' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  webhook_url?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 150 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(150)
  steps?: number | null;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 0, maximum: 30 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(30)
  cfg?: number | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  sampler?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  scheduler?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 8 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(8)
  batch_size?: number | null;

  /** Further parameters of the workflow, by name. */
  @ApiPropertyOptional({ type: 'object', nullable: true, additionalProperties: true })
  @IsOptional()
  @IsFurtherParameters()
  parameters?: Record<string, unknown> | null;
}
