import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import {
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { StrictBody } from '../../common/index.js';

const TASK_TYPES = ['text_to_image', 'image_to_video'];

class NodeFieldsDto {
  @ApiPropertyOptional({ type: String, example: 'GPU 1' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000, description: 'What load percentages refer to.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  max_concurrent?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 1_000,
    description: 'For the strategies weighted and priority_based; kept as metadata.priority.',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1_000)
  priority?: number;

  @ApiPropertyOptional({ enum: TASK_TYPES, isArray: true })
  @IsOptional()
  @IsArray()
  @IsIn(TASK_TYPES, { each: true })
  task_types?: string[];

  @ApiPropertyOptional({
    type: Object,
    example: { gpu_model: 'RTX 4090', location: 'rack 3' },
    description: 'What is not named stays; null takes a name away.',
  })
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

class NodeAddressDto extends NodeFieldsDto {
  @ApiProperty({ example: 'http://10.0.0.5:8188', description: 'The base address of a ComfyUI.' })
  @IsString()
  @Length(1, 500)
  url: string;
}

@StrictBody()
export class AddNodeDto extends NodeAddressDto {
  @ApiPropertyOptional({ type: String, example: 'gpu-1', description: 'Made from the address where left out.' })
  @IsOptional()
  @Matches(/^[\w.:-]{1,100}$/, { message: 'node_id may hold 1 to 100 letters, digits and . _ : -' })
  node_id?: string;
}

@StrictBody()
export class ChangeNodeDto extends PartialType(NodeAddressDto) {
  @ApiPropertyOptional({ type: String, description: 'As it was read; 409 where somebody changed the node since.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  version?: string;
}
