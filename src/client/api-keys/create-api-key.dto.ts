import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayNotEmpty, IsArray, IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { SCOPE_NAMES, SCOPES, type Scope } from '../auth/scopes.js';

const MEANINGS = Object.entries(SCOPES).map(([scope, meaning]) => `\`${scope}\`: ${meaning}`);

/** The key that is wanted. */
export class CreateApiKeyDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'nightly batch', description: 'For your eyes.' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString({ message: 'name must be a text' })
  @Length(1, 100, { message: 'name must hold 1 to 100 characters' })
  name: string;

  @ApiProperty({
    enum: SCOPE_NAMES,
    isArray: true,
    example: ['tasks:read', 'tasks:write'],
    description: MEANINGS.join('\n'),
  })
  @IsArray({ message: 'scopes must be a list' })
  @ArrayNotEmpty({ message: 'scopes must name at least one scope' })
  @IsIn(SCOPE_NAMES, { each: true, message: `scopes may hold ${SCOPE_NAMES.join(', ')}` })
  scopes: Scope[];

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 3650, nullable: true, description: 'Absent: no end.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3650)
  expires_in_days?: number | null;
}
