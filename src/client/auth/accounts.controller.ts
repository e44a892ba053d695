import { Body, Controller, Header, Headers, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { ClientAuthService } from './client-auth.service.js';
import { RegisteredView } from './client-auth.view.js';
import { KeyTokenDto, readCredentials } from './key-token.dto.js';
import { RegisterDto } from './register.dto.js';

/** How accounts begin, and how scripts come in. */
@ApiTags('auth')
@Controller('api/v2/auth')
export class AccountsController {
  constructor(
    private readonly auth: ClientAuthService,
    private readonly apiKeys: ApiKeysService,
  ) {}

  @Post('register')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make an account, where this installation allows it (`auth.registration`)' })
  @ApiOkResponse({ type: RegisteredView })
  register(@Body() account: RegisterDto, @Ip() address: string) {
    return this.auth.register(account, address);
  }

  @Post('token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiOperation({ summary: 'A token of an hour for a client id and an API key (OAuth 2.0 client credentials)' })
  @ApiOkResponse({
    schema: {
      example: { access_token: 'eyJhbGciOi…', token_type: 'bearer', expires_in: 3600, scope: 'tasks:read tasks:write' },
    },
  })
  getToken(@Body() credentials: KeyTokenDto, @Headers('authorization') authorization?: string) {
    return this.apiKeys.exchange(...readCredentials(credentials, authorization));
  }
}
