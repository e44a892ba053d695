import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional } from 'class-validator';
import { RUN_STATUSES, type RunStatus } from '../admin/index.js';
import { InvalidInputError, PageQuery, StrictBody } from '../common/index.js';

const MAX_OPTIONS = 20;
const MAX_LENGTH = 200;

export class ListRunsQuery extends PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  override limit: number = 20;

  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;
}

@StrictBody()
export class RunJobDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { from: '2026-11-01', to: '2026-11-30' },
    description: 'Texts that the job understands; which ones, its description says.',
  })
  @IsOptional()
  @IsObject()
  options?: Record<string, string> | null;
}

/** Texts under short names, and nothing else. */
export function readOptions(given: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(given);
  if (entries.length > MAX_OPTIONS)
    throw new InvalidInputError([{ field: 'options', message: `There are more than ${MAX_OPTIONS} options.` }]);
  for (const [name, value] of entries) {
    const isShort = typeof value === 'string' && value.length <= MAX_LENGTH && name.length <= MAX_LENGTH;
    const message = `The option ${name.slice(0, 40)} has to be a text of at most ${MAX_LENGTH} characters.`;
    if (!isShort) throw new InvalidInputError([{ field: `options.${name.slice(0, 40)}`, message }]);
  }
  return given as Record<string, string>;
}
