import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsInt, IsOptional, Max, Min } from 'class-validator';

export class ChangeSettingDto {
  @ApiProperty({ description: 'Of the type and in the range that `schema` of the setting names.', example: 200 })
  @IsDefined()
  value: unknown;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    example: 2,
    description: 'The `version` that the change rests on: 409 where somebody else was first.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  expected_version?: number;
}

/** Which part of a list of the admin's side; 20 where nothing is said. */
export class SettingHistoryQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000_000, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  offset: number = 0;
}
