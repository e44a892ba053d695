import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

export const SCORER_KINDS = ['flames', 'classify', 'judge', 'rules'] as const;
const LARGEST_INT = 2_147_483_647;

/** What a task may use at most; 0: no limit. */
export class BudgetDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Requests to the model, retries among them.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LARGEST_INT)
  calls?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'Of prompts and answers, as the model counts them.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  tokens?: number;
}

export class ScorerDto {
  @ApiProperty({ enum: SCORER_KINDS })
  @IsIn(SCORER_KINDS)
  kind: (typeof SCORER_KINDS)[number];

  @ApiPropertyOptional({ type: String, maxLength: 500 })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  address?: string;

  @ApiPropertyOptional({ type: String, maxLength: 255 })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  model?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 9, description: 'How often a judge is asked.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9)
  repeats?: number;
}

/** The model that is asked. */
export class TargetDto {
  @ApiProperty({ type: String, maxLength: 255, example: 'qwen-max' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(255)
  model_name: string;

  @ApiProperty({ type: String, maxLength: 500, example: 'https://api.example.com/v1' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  api_site: string;

  @ApiPropertyOptional({
    type: String,
    maxLength: 4_096,
    default: '',
    description: 'Kept sealed, destroyed at the end.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(4_096)
  api_key?: string;
}

/** Which prompts are asked, and how; all but `ids` may be left to the settings. */
export class RunDto {
  @ApiProperty({
    oneOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }],
    example: [10],
    description: 'Numbers of datasets; each becomes a task.',
  })
  @Transform(({ value }) => [value].flat().map(toNumber))
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsInt({ each: true })
  ids: number[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'Requests at once; at most flames.max_concurrency.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  concurrency?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 20,
    default: 1,
    description: 'How often each is asked.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(20)
  repeats?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'Only so many prompts, of all dimensions in proportion.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_INT)
  sample?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000_000, description: 'Of one answer.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  max_tokens?: number;

  @ApiPropertyOptional({ type: ScorerDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ScorerDto)
  scorer?: ScorerDto;
}

/** Old bodies hold `model_name`, `ids`, `api_site` and `api_key` alone. */
export class CreateTaskDto extends IntersectionType(TargetDto, RunDto) {
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 2, description: "The model's own where left out." })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(2)
  temperature?: number;

  @ApiPropertyOptional({ type: BudgetDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => BudgetDto)
  budget?: BudgetDto;

  @ApiPropertyOptional({ type: String, maxLength: 4_096, description: 'Of a scorer with a key of its own.' })
  @IsOptional()
  @IsString()
  @MaxLength(4_096)
  scorer_key?: string;
}

/** Old pages send numbers as text. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}
