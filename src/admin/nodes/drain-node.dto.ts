import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { StrictBody } from '../../common/index.js';

@StrictBody()
export class DrainNodeDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 604_800,
    description: 'An hour where left out; a drain that is under way keeps its own.',
    example: 600,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(604_800)
  deadline_seconds?: number;
}
