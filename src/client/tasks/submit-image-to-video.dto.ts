import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { SubmitTextToImageDto } from './submit-text-to-image.dto.js';

const SHARED_FIELDS = [
  'prompt',
  'negative_prompt',
  'width',
  'height',
  'seed',
  'batch_id',
  'webhook_url',
  'steps',
  'cfg',
  'parameters',
] as const;

/** A moving picture asked for, from a first frame that was uploaded before. */
export class SubmitImageToVideoDto extends PickType(SubmitTextToImageDto, SHARED_FIELDS) {
  @ApiProperty({
    type: String,
    description: 'The `relative_path` (or the `file_id`) of an upload of yours.',
    example: '2026/11/01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10.png',
  })
  @IsString({ message: 'image must be the relative_path of an upload' })
  @Length(1, 200, { message: 'image must be the relative_path of an upload' })
  image: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Wan2.1 i2v' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow_name?: string | null;

  /** Frames. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 257, example: 33 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(257)
  length?: number | null;
}
