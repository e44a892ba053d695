import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { readLoginForm } from '../../common/index.js';
import { AdminAuthService, type AdminCaller } from './admin-auth.service.js';

const LOGIN_FORM = {
  schema: {
    type: 'object',
    required: ['username', 'password'],
    properties: { username: { type: 'string' }, password: { type: 'string', format: 'password' } },
  },
};

/** Signing in of admins. */
@ApiTags('admin')
@Controller('admin')
export class AdminAuthController {
  constructor(private readonly auth: AdminAuthService) {}

  @Post('login')
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBody(LOGIN_FORM)
  async signIn(@Req() request: FastifyRequest) {
    return this.auth.signIn(await readLoginForm(request), callerOf(request));
  }
}

function callerOf({ ip, headers }: FastifyRequest): AdminCaller {
  return { ipAddress: ip, userAgent: headers['user-agent'] ?? null };
}
