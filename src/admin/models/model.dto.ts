import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { StrictBody } from '../../common/index.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { MODEL_TYPES, type ModelType } from './seen-models.js';

export class ListModelsQuery extends AdminPageQuery {
  @ApiPropertyOptional({ enum: MODEL_TYPES })
  @IsOptional()
  @IsIn(MODEL_TYPES)
  type?: ModelType;

  @ApiPropertyOptional({ type: String, example: 'majic', description: 'In path, name, description and tags.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1', description: 'Only what this node has.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node?: string;

  @ApiPropertyOptional({ enum: ['true', 'false'] })
  @IsOptional()
  @IsIn(['true', 'false'])
  is_enabled?: 'true' | 'false';
}

/** What is left out stays; null empties a text. */
@StrictBody()
export class ChangeModelDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 1, description: 'As read: 409 where it was changed since.' })
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  revision: number;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Majicmix 7' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  display_name?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Portraits' })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  description?: string | null;

  @ApiPropertyOptional({ type: [String], example: ['realistic'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  tags?: string[];

  @ApiPropertyOptional({ type: String, nullable: true, example: 'SD 1.5' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  base_model?: string | null;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'Noted only: submits are not held to it.' })
  @IsOptional()
  @IsBoolean()
  is_enabled?: boolean;
}
