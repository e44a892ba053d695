import { Controller, Get, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { readLoginForm } from '../../common/index.js';
import { ClientAuthService, type Caller } from './client-auth.service.js';
import { ClientGuard } from './client.guard.js';
import { Client, type CurrentClient } from './current-client.js';

const LOGIN_FORM = {
  schema: {
    type: 'object',
    required: ['username', 'password'],
    properties: { username: { type: 'string' }, password: { type: 'string', format: 'password' } },
  },
};

/** Signing in and out of the client page. */
@ApiTags('auth')
@Controller('api/auth')
export class ClientAuthController {
  constructor(private readonly auth: ClientAuthService) {}

  @Post('login')
  @HttpCode(200)
  @ApiConsumes('multipart/form-data', 'application/x-www-form-urlencoded', 'application/json')
  @ApiBody(LOGIN_FORM)
  async signIn(@Req() request: FastifyRequest) {
    return this.auth.signIn(await readLoginForm(request), callerOf(request));
  }

  @Get('profile')
  @ApiBearerAuth()
  @UseGuards(ClientGuard)
  getProfile(@Client() client: CurrentClient) {
    return this.auth.getProfile(client);
  }

  @Post('logout')
  @HttpCode(200)
  @ApiBearerAuth()
  @UseGuards(ClientGuard)
  signOut(@Client() client: CurrentClient) {
    return this.auth.signOut(client);
  }
}

function callerOf({ ip, headers }: FastifyRequest): Caller {
  return { ipAddress: ip, userAgent: headers['user-agent'] ?? null };
}
