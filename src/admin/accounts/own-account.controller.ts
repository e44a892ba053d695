import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { SessionListView } from '../auth/admin-session.view.js';
import { AdminSessionsService } from '../auth/admin-sessions.service.js';
import { Admin, type CurrentAdmin } from '../auth/current-admin.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { BeginTotpDto, ChangePasswordDto, ConfirmTotpDto, RemoveTotpDto } from './own-account.dto.js';
import { OwnAccountService } from './own-account.service.js';
import { NewTotpView, OwnAccountView, RecoveryCodesView } from './own-account.view.js';

/** The signed-in admin's own account: password, second factor, sign-ins. */
@ApiTags('admin account')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Needs('account.own')
@Controller('api/admin/account')
export class OwnAccountController {
  constructor(
    private readonly account: OwnAccountService,
    private readonly sessions: AdminSessionsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who you are, and what you may do' })
  @ApiOkResponse({ type: OwnAccountView })
  get(@Admin() admin: CurrentAdmin): Promise<OwnAccountView> {
    return this.account.get(admin);
  }

  @Post('password')
  @HttpCode(200)
  @ApiOperation({ summary: 'Change your password; all other sign-ins end' })
  @ApiOkResponse({ schema: { example: { message: 'The password is changed; …', ended_sessions: 1 } } })
  @ApiUnprocessableEntityResponse({
    description: 'The old password or the code is wrong, or the new password too short.',
  })
  changePassword(@Admin() admin: CurrentAdmin, @Body() passwords: ChangePasswordDto) {
    return this.account.changePassword(admin, passwords);
  }

  @Post('totp')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Begin a second factor: a secret for an authenticator app; it counts once it is confirmed' })
  @ApiOkResponse({ type: NewTotpView })
  @ApiConflictResponse({ description: 'There is one already.' })
  beginTotp(@Admin() admin: CurrentAdmin, @Body() { password }: BeginTotpDto): Promise<NewTotpView> {
    return this.account.beginTotp(admin, password);
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Confirm it by a first code; from now on signing in needs one' })
  @ApiOkResponse({ type: RecoveryCodesView })
  @ApiConflictResponse({ description: 'None was begun.' })
  @ApiUnprocessableEntityResponse({ description: 'The code is wrong.' })
  confirmTotp(@Admin() admin: CurrentAdmin, @Body() confirmation: ConfirmTotpDto): Promise<RecoveryCodesView> {
    return this.account.confirmTotp(admin, confirmation);
  }

  @Delete('totp')
  @ApiOperation({ summary: 'Remove the second factor, by the password and a code' })
  @ApiOkResponse({ schema: { example: { message: 'The second factor is removed; the password alone signs in.' } } })
  @ApiConflictResponse({ description: 'There is none.' })
  removeTotp(@Admin() admin: CurrentAdmin, @Body() proof: RemoveTotpDto) {
    return this.account.removeTotp(admin, proof);
  }

  @Get('sessions')
  @ApiOperation({ summary: 'Your sign-ins that hold, the newest first' })
  @ApiOkResponse({ type: SessionListView })
  listSessions(@Admin() admin: CurrentAdmin, @Query() page: AdminPageQuery): Promise<SessionListView> {
    return this.sessions.list(admin.adminUserId, page, admin.sessionId);
  }

  @Delete('sessions/:sessionId')
  @ApiOperation({ summary: 'End one of your sign-ins; its token holds no more' })
  @ApiOkResponse({ schema: { example: { message: 'The sign-in has ended.' } } })
  @ApiNotFoundResponse({ description: 'You have no such sign-in (any more).' })
  endSession(@Admin() admin: CurrentAdmin, @Param('sessionId') sessionId: string) {
    return this.sessions.end(admin, sessionId, 'admin.session_end');
  }

  @Post('logout')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign out; this token holds no more' })
  @ApiOkResponse({ schema: { example: { message: 'The sign-in has ended.' } } })
  signOut(@Admin() admin: CurrentAdmin) {
    return this.sessions.end(admin, admin.sessionId, 'admin.sign_out');
  }
}
