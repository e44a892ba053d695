import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { OptionalMoment } from '../moments.js';

/** Which entries of the audit log. */
export class ListAuditQuery {
  @ApiPropertyOptional({
    type: String,
    example: 'ada',
    description: "An admin's name, `command:<os user>`, `node:<id>`, or `?:<name>` of a refused sign-in.",
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  actor?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'node.',
    description: 'An action, or with a dot at its end its group.',
  })
  @IsOptional()
  @Matches(/^[a-z][a-z0-9_.-]{0,99}$/, {
    message: 'action must be one such as node.cordon, or node. for all of nodes.',
  })
  action?: string;

  @ApiPropertyOptional({ type: String, example: 'node' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  target_type?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  target_id?: string;

  @OptionalMoment('At this time or later.')
  from?: Date;

  @OptionalMoment('Before this time.')
  to?: Date;

  @ApiPropertyOptional({
    type: String,
    example: 'gpu',
    description: 'Anywhere in the actor or the target; without `from` in the last 30 days alone.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiPropertyOptional({ type: String, example: '1204', description: '`next_cursor` of the page before.' })
  @IsOptional()
  @Matches(/^[1-9]\d{0,17}$/, { message: 'cursor must be the next_cursor of an answer.' })
  cursor?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}
