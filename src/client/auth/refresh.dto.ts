import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

/** The refresh token of the last sign-in or refresh. */
export class RefreshDto {
  @ApiProperty({ type: String, example: 'pX5mJ0w2n8r1kQ3vT6yB9cE4hG7jL0aZ2sD5fM8uNqI' })
  @IsString({ message: 'refresh_token must be a text' })
  @Length(1, 200, { message: 'refresh_token must hold 1 to 200 characters' })
  refresh_token: string;
}
