import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** An account that is wanted; what a name and a password must be is ClientUsersService's to say. */
export class RegisterDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: 64, pattern: '^[\\p{L}\\p{N}._@-]+$', example: 'ann' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString({ message: 'username must be a text' })
  username: string;

  @ApiProperty({ type: String, format: 'password', minLength: 8, maxLength: 200, example: 'correct horse battery' })
  @IsString({ message: 'password must be a text' })
  password: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100, example: 'Ann' })
  @IsOptional()
  @IsString({ message: 'nickname must be a text' })
  @MaxLength(100, { message: 'nickname may hold 100 characters at most' })
  nickname?: string | null;
}
