import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** OAuth 2.0, client credentials: id and secret stand here or in an `Authorization: Basic` header. */
export class KeyTokenDto {
  @ApiPropertyOptional({ type: String, enum: ['client_credentials'] })
  @IsOptional()
  @IsIn(['client_credentials'], { message: 'grant_type must be client_credentials' })
  grant_type?: string;

  @ApiPropertyOptional({
    type: String,
    example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10',
    description: 'Your client id.',
  })
  @IsOptional()
  @IsString({ message: 'client_id must be a text' })
  @MaxLength(100)
  client_id?: string;

  @ApiPropertyOptional({ type: String, example: 'cws_Zk3v9QxA…', description: 'One of your API keys.' })
  @IsOptional()
  @IsString({ message: 'client_secret must be a text' })
  @MaxLength(200)
  client_secret?: string;
}

/** Both parts, empty where they are missing: what is not sent is as wrong as what is. */
export function readCredentials(dto: KeyTokenDto, authorization: string | undefined): [id: string, secret: string] {
  const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return [dto.client_id ?? '', dto.client_secret ?? ''];
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':', 2);
  return [id, secret];
}
