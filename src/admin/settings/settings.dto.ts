import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsInt, IsOptional, Max, Min } from 'class-validator';
import { StrictBody } from '../../common/index.js';

@StrictBody()
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
