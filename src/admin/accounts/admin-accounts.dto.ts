import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min, ValidateIf } from 'class-validator';
import { StrictBody } from '../../common/index.js';
import { ADMIN_ROLES, type AdminRole } from '../auth/admin-role.js';
import { ADMIN_STATUSES, type AdminStatus } from '../auth/admin-users.repository.js';
import { AdminPageQuery } from '../admin-page.query.js';

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const NO_EMAIL = { message: 'email must be an address.' };

export class ListAdminsQuery extends AdminPageQuery {
  @ApiPropertyOptional({ type: String, example: 'ada', description: 'In the name, the shown name or the address.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiPropertyOptional({ enum: ADMIN_ROLES })
  @IsOptional()
  @IsIn(ADMIN_ROLES)
  role?: AdminRole;

  @ApiPropertyOptional({ enum: ADMIN_STATUSES })
  @IsOptional()
  @IsIn(ADMIN_STATUSES)
  status?: AdminStatus;
}

/** Who found a token must not make himself an account, or take another's. */
@StrictBody()
export class OwnPasswordDto {
  @ApiProperty({ type: String, format: 'password', description: 'Your own.', example: 'correct horse' })
  @IsString()
  @Length(1, 200)
  own_password: string;
}

@StrictBody()
export class CreateAdminDto extends OwnPasswordDto {
  @ApiProperty({ type: String, maxLength: 64, example: 'ada' })
  @IsString()
  @Length(1, 64)
  username: string;

  @ApiProperty({ enum: ADMIN_ROLES })
  @IsIn(ADMIN_ROLES)
  role: AdminRole;

  @ApiPropertyOptional({ type: String, maxLength: 100, example: 'ada@example.org' })
  @IsOptional()
  @IsString()
  @Length(3, 100)
  @Matches(EMAIL, NO_EMAIL)
  email?: string;

  @ApiPropertyOptional({ type: String, maxLength: 100, example: 'Ada L.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  display_name?: string;

  @ApiPropertyOptional({ type: String, format: 'password', description: 'Made, and answered once, where left out.' })
  @IsOptional()
  @IsString()
  @Length(8, 200)
  password?: string;
}

/** What is left out stays as it is. */
@StrictBody()
export class ChangeAdminDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100, example: 'Ada L.' })
  @Transform(({ value }: { value: unknown }) => (value === '' ? null : value))
  @IsOptional()
  @IsString()
  @Length(1, 100)
  display_name?: string | null;

  @ApiPropertyOptional({ type: String, maxLength: 100, example: 'ada@example.org' })
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @Length(3, 100)
  @Matches(EMAIL, NO_EMAIL)
  email?: string;

  @ApiPropertyOptional({ enum: ADMIN_ROLES })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(ADMIN_ROLES)
  role?: AdminRole;

  @ApiPropertyOptional({
    type: String,
    format: 'password',
    description: 'Your own; needed for another role or status, and to end a lock.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @Length(1, 200)
  own_password?: string;

  @ApiPropertyOptional({ enum: ADMIN_STATUSES, description: '`active` also ends a lock after failed sign-ins.' })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(ADMIN_STATUSES)
  status?: AdminStatus;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'The version that was looked at; 409 where it is not the present one.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  version?: number;
}

@StrictBody()
export class ResetPasswordDto extends OwnPasswordDto {
  @ApiPropertyOptional({ type: String, format: 'password', description: 'Made, and answered once, where left out.' })
  @IsOptional()
  @IsString()
  @Length(8, 200)
  password?: string;
}
