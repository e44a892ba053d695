import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { StrictBody } from '../../common/index.js';

/** As long as passwords may be, so that nobody is made to hash more. */
const LONGEST = 200;

@StrictBody()
export class ChangePasswordDto {
  @ApiProperty({ type: String, format: 'password', example: 'correct horse' })
  @IsString()
  @Length(1, LONGEST)
  old_password: string;

  @ApiProperty({ type: String, format: 'password', minLength: 8, maxLength: LONGEST, example: 'correct horse battery' })
  @IsString()
  @Length(8, LONGEST)
  new_password: string;

  @ApiPropertyOptional({ type: String, example: '123456', description: 'Where you have a second factor: its code.' })
  @IsOptional()
  @IsString()
  @Length(6, 64)
  totp_code?: string;
}

@StrictBody()
export class BeginTotpDto {
  @ApiProperty({ type: String, format: 'password', example: 'correct horse' })
  @IsString()
  @Length(1, LONGEST)
  password: string;
}

@StrictBody()
export class ConfirmTotpDto {
  @ApiProperty({ type: String, example: '123456', description: 'What the authenticator app shows now.' })
  @IsString()
  @Length(6, 20)
  code: string;
}

@StrictBody()
export class RemoveTotpDto extends BeginTotpDto {
  @ApiProperty({ type: String, example: '123456', description: 'A code of the app, or a recovery code.' })
  @IsString()
  @Length(6, 64)
  code: string;
}
