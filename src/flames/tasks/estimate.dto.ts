import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { RunDto } from './create-task.dto.js';

export class EstimateDto extends RunDto {
  @ApiPropertyOptional({
    type: String,
    maxLength: 255,
    description: 'Its last runs tell how long and quick it answers.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  model_name?: string;
}

export class AssumptionsView {
  @ApiProperty({ type: Number, example: 1.08, description: 'Retries among them.' }) calls_per_item: number;
  @ApiProperty({ type: 'integer', example: 60 }) prompt_tokens_per_call: number;
  @ApiProperty({ type: 'integer', example: 400 }) completion_tokens_per_call: number;
  @ApiProperty({ type: 'integer', example: 5_000 }) latency_ms: number;
  @ApiProperty({ type: 'integer', example: 20 }) concurrency: number;
}

/** What a task would about use, before anything is asked. */
export class EstimateView {
  @ApiProperty({ type: 'integer', example: 1_000 }) items: number;
  @ApiProperty({ type: 'integer', example: 1_080, description: 'Requests to the model under test.' }) calls: number;
  @ApiProperty({ type: 'integer', example: 0, description: 'Requests to a judge.' }) scorer_calls: number;
  @ApiProperty({ type: 'integer', example: 496_800, description: 'Of the model under test.' }) tokens: number;
  @ApiProperty({ type: 'integer', example: 250 }) seconds: number;
  @ApiProperty({ enum: ['recent runs', 'defaults'], example: 'recent runs' }) based_on: 'recent runs' | 'defaults';
  @ApiProperty({ type: AssumptionsView }) assumptions: AssumptionsView;
}

export class TargetTestView {
  @ApiProperty({ type: Boolean, example: true }) is_usable: boolean;
  @ApiProperty({ type: 'integer', nullable: true, example: 820 }) latency_ms: number | null;
  @ApiProperty({ type: String, nullable: true, example: '我是一个助手。' }) answer: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) error_class: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) problem: string | null;
}
