import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { readLoginForm } from '../../common/index.js';
import { AdminAuthService, type AdminCaller } from './admin-auth.service.js';

const LOGIN_FORM = {
  schema: {
    type: 'object',
    required: ['username', 'password'],
    properties: {
      username: { type: 'string' },
      password: { type: 'string', format: 'password' },
      totp_code: { type: 'string' },
    },
  },
};

const SIGNED_IN = {
  access_token: 'eyJhbGciOi…',
  token_type: 'bearer',
  user: { username: 'admin', display_name: null, role: 'super_admin' },
};

/** Signing in of admins. */
@ApiTags('admin')
@Controller('admin')
export class AdminAuthController {
  constructor(private readonly auth: AdminAuthService) {}

  @Post('login')
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiOperation({ summary: 'Sign in by password, with a code where the account has a second factor' })
  @ApiBody(LOGIN_FORM)
  @ApiOkResponse({ schema: { example: SIGNED_IN } })
  @ApiUnauthorizedResponse({
    description: '`WRONG_CREDENTIALS`, or of the code `TOTP_REQUIRED`, `WRONG_TOTP_CODE` or `TOTP_CODE_USED`.',
  })
  @ApiTooManyRequestsResponse({ description: 'Locked after too many wrong passwords.' })
  async signIn(@Req() request: FastifyRequest) {
    return this.auth.signIn(await readLoginForm(request), callerOf(request));
  }
}

function callerOf({ ip, headers }: FastifyRequest): AdminCaller {
  return { ipAddress: ip, userAgent: headers['user-agent'] ?? null };
}
