import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { StoredFileKind, StoredFileType } from '../../shared/index.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { OptionalMoment } from '../moments.js';

export const KINDS = ['upload', 'result'] as const;
export const TYPES = ['image', 'video', 'audio', 'document', 'other'] as const;

export class ListFilesQuery extends AdminPageQuery {
  @ApiPropertyOptional({ enum: KINDS })
  @IsOptional()
  @IsIn(KINDS)
  kind?: StoredFileKind;

  @ApiPropertyOptional({ type: String, example: 'alice', description: 'A client_id or a username, whole.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  user?: string;

  @ApiPropertyOptional({ enum: TYPES })
  @IsOptional()
  @IsIn(TYPES)
  type?: StoredFileType;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Bytes.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  min_size?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Bytes.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  max_size?: number;

  @OptionalMoment('Stored at this time or later.')
  from?: Date;

  @OptionalMoment('Stored before this time.')
  to?: Date;
}
