import { Body, Controller, Get, Header, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { readLoginForm } from '../../common/index.js';
import { ClientAuthService } from './client-auth.service.js';
import { LoginView, ProfileView, TokensView } from './client-auth.view.js';
import { ClientSessionsService, type Caller } from './client-sessions.service.js';
import { ClientGuard } from './client.guard.js';
import { Client, type CurrentClient } from './current-client.js';
import { RefreshDto } from './refresh.dto.js';
import { NeedsScope } from './scopes.js';

const LOGIN_FORM = {
  schema: {
    type: 'object',
    required: ['username', 'password'],
    properties: {
      username: { type: 'string', example: 'ann' },
      password: { type: 'string', format: 'password', example: 'correct horse battery' },
    },
  },
};

/** Signing in and out of the client page. */
@ApiTags('auth')
@Controller('api/auth')
export class ClientAuthController {
  constructor(
    private readonly auth: ClientAuthService,
    private readonly sessions: ClientSessionsService,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Sign in by password' })
  @ApiConsumes('multipart/form-data', 'application/x-www-form-urlencoded', 'application/json')
  @ApiBody(LOGIN_FORM)
  @ApiOkResponse({ type: LoginView })
  async signIn(@Req() request: FastifyRequest) {
    return this.auth.signIn(await readLoginForm(request), callerOf(request));
  }

  @Post('refresh')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'New tokens for a refresh token, which is used up; one used twice ends the sign-in' })
  @ApiOkResponse({ type: TokensView })
  refresh(@Body() { refresh_token: refreshToken }: RefreshDto) {
    return this.sessions.refresh(refreshToken);
  }

  @Get('profile')
  @NeedsScope('account:read')
  @UseGuards(ClientGuard)
  @ApiOperation({ summary: 'Who you are, and your quota of today' })
  @ApiOkResponse({ type: ProfileView })
  getProfile(@Client() client: CurrentClient) {
    return this.auth.getProfile(client);
  }

  @Post('logout')
  @HttpCode(200)
  @ApiBearerAuth()
  @UseGuards(ClientGuard)
  @ApiOperation({ summary: 'End this sign-in, its access tokens and its refresh tokens' })
  @ApiOkResponse({ schema: { example: { message: 'Signed out.' } } })
  signOut(@Client() client: CurrentClient) {
    return this.auth.signOut(client);
  }
}

function callerOf({ ip, headers }: FastifyRequest): Caller {
  return { ipAddress: ip, userAgent: headers['user-agent'] ?? null };
}
