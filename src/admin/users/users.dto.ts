import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { StrictBody } from '../../common/index.js';
import { AdminPageQuery } from '../admin-page.query.js';
import type { AccountOrder } from './client-accounts.js';

const ORDERS = ['created', 'last_access', 'use'] as const;
const MOST_RUNS = 2_147_483_647;

export class ListUsersQuery extends AdminPageQuery {
  @ApiPropertyOptional({ type: String, description: 'A part of the username or nickname, or a whole client_id.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  search?: string;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  // A text in an address; anything but these two words stays what it is, and is refused.
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({
    enum: ORDERS,
    default: 'created',
    description: 'The latest first; by use, who ran most on their day.',
  })
  @IsOptional()
  @IsIn(ORDERS)
  order: AccountOrder = 'created';
}

@StrictBody()
export class CreateUserDto {
  @ApiProperty({ example: 'alice' })
  @IsString()
  @Length(1, 64)
  username: string;

  @ApiPropertyOptional({ type: String, format: 'password', description: 'Made, and shown once, where left out.' })
  @IsOptional()
  @IsString()
  password?: string;

  @ApiPropertyOptional({ type: String, maxLength: 100 })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  nickname?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Runs a day; `auth.default_quota` where left out.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_RUNS)
  quota_limit?: number;
}

@StrictBody()
export class ChangeUserDto {
  @ApiPropertyOptional({ type: String, maxLength: 100 })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  nickname?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'false ends sign-ins, API keys and streams of events at once.' })
  @IsOptional()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Runs a day.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_RUNS)
  quota_limit?: number;

  @ApiPropertyOptional({ type: String, example: 'Europe/Berlin', description: 'In which the day of the quota begins.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  time_zone?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'With is_active false: cancel what waits, too.' })
  @IsOptional()
  @IsBoolean()
  cancel_tasks?: boolean;

  @ApiPropertyOptional({ type: String, description: 'As it was read; 409 where somebody changed the user since.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  version?: string;
}

@StrictBody()
export class SetUserPasswordDto {
  @ApiPropertyOptional({ type: String, format: 'password', description: 'Made, and shown once, where left out.' })
  @IsOptional()
  @IsString()
  password?: string;
}
