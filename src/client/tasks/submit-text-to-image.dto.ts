import { Transform } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { IsFurtherParameters } from './is-further-parameters.js';
import { IsPictureSide } from './is-picture-side.js';

/**
 * A picture asked for. What is left out or null takes the workflow's default; numbers must be numbers. The page
 * sends the first eight fields, scripts may set whatever else their workflow opens.
 */
export class SubmitTextToImageDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString({ message: 'prompt must be a text' })
  @Length(1, 2000, { message: 'prompt must hold 1 to 2000 characters' })
  prompt: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  negative_prompt?: string | null;

  @IsOptional()
  @IsPictureSide()
  width?: number | null;

  @IsOptional()
  @IsPictureSide()
  height?: number | null;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow_name?: string | null;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  checkpoint?: string | null;

  /** −1 has one drawn. */
  @IsOptional()
  @IsInt()
  @Min(-1)
  @Max(Number.MAX_SAFE_INTEGER)
  seed?: number | null;

  /** Tasks that share one are shown as a single card. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  batch_id?: string | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(150)
  steps?: number | null;

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(30)
  cfg?: number | null;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  sampler?: string | null;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  scheduler?: string | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(8)
  batch_size?: number | null;

  /** Further parameters of the workflow, by name. */
  @IsOptional()
  @IsFurtherParameters()
  parameters?: Record<string, unknown> | null;
}
