import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { EXPORT_FORMATS, type ExportFormat } from './log-exports.js';

export class ExportQuery {
  @ApiProperty({ enum: EXPORT_FORMATS })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat;
}

export class CompareEvaluationsQuery {
  @ApiProperty({ type: String, description: 'The one that differences start from.' })
  @IsString()
  @Length(1, 64)
  a: string;

  @ApiProperty({ type: String })
  @IsString()
  @Length(1, 64)
  b: string;
}

export class TrendsQuery {
  @ApiProperty({ type: String, example: 'qwen-max' })
  @IsString()
  @Length(1, 255)
  model_name: string;
}
