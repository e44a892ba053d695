import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FieldProblem } from './errors.js';

/** The body of every answer that refuses something, or says that something failed. */
export class ErrorView {
  @ApiProperty({ example: 'This needs the role admin; you are viewer.', description: 'What is wrong, for people.' })
  detail: string;

  @ApiProperty({ example: 'This needs the role admin; you are viewer.', description: 'The same.' })
  message: string;

  @ApiProperty({ example: 'ROLE_TOO_LOW', description: 'For programs; it stays as it is.' })
  code: string;

  @ApiProperty({ example: '3b0f9a52-6f0e-4d53-9f5b-2f4c1a7d8e90', description: 'As in `x-request-id` and in the log.' })
  requestId: string;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
    example: [{ field: 'limit', message: 'limit must not be greater than 100.' }],
    description: 'The fields that are wrong, of a 422.',
  })
  errors?: FieldProblem[] | undefined;
}
