import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

const NODE_ID = /^[\w.:-]{1,100}$/;
const BAD_NODE_ID = 'node_id may hold 1 to 100 letters, digits and . _ : -';

/** Where a node is, and what it is for. */
export class RegisterNodeDto {
  @ApiProperty({ type: String, example: 'gpu-1' })
  @Matches(NODE_ID, { message: BAD_NODE_ID })
  node_id: string;

  @ApiProperty({ type: String, example: '10.0.0.5', description: 'How this service reaches the ComfyUI.' })
  @Matches(/^[\w.:-]{1,255}$/, { message: 'host must be a name or an address, without a scheme or a path' })
  host: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 65535, example: 8188 })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port: number;

  @ApiPropertyOptional({ type: String, example: 'GPU 1', description: 'What lists show; the id where left out.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 4 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  max_concurrent?: number;

  @ApiPropertyOptional({ type: [String], example: ['text_to_image', 'image_to_video'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  capabilities?: string[];

  @ApiPropertyOptional({ type: Object, example: { gpu_model: 'RTX 4090', location: 'cellar', priority: 2 } })
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

/** That a node is there, and how busy it says it is, in percent. */
export class HeartbeatDto {
  @ApiProperty({ type: String, example: 'gpu-1' })
  @Matches(NODE_ID, { message: BAD_NODE_ID })
  node_id: string;

  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 100, example: 12.5 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(100)
  cpu_usage?: number;

  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 100 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(100)
  memory_usage?: number;

  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 100 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(100)
  gpu_usage?: number;

  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 100 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(100)
  gpu_memory_usage?: number;
}
