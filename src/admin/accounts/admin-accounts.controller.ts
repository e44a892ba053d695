import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
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
import { SessionListView, SessionsEndedView } from '../auth/admin-session.view.js';
import { Admin, type CurrentAdmin } from '../auth/current-admin.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { AdminAccountListView, AdminAccountView, AdminWithPasswordView } from './admin-account.view.js';
import {
  ChangeAdminDto,
  CreateAdminDto,
  ListAdminsQuery,
  OwnPasswordDto,
  ResetPasswordDto,
} from './admin-accounts.dto.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { OthersAccountsService } from './others-accounts.service.js';

const NOT_PROVEN = { description: 'own_password is missing or wrong.' };

/** The accounts of those who run the installation. */
@ApiTags('admins')
@ApiBearerAuth()
@ApiNotFoundResponse({ description: 'No such admin.' })
@UseGuards(AdminGuard)
@Needs('admins.change')
@Controller('api/admin/admins')
export class AdminAccountsController {
  constructor(
    private readonly accounts: AdminAccountsService,
    private readonly others: OthersAccountsService,
  ) {}

  @Get()
  @Needs('admins.read')
  @ApiOperation({ summary: 'All admins, the oldest first' })
  @ApiOkResponse({ type: AdminAccountListView })
  list(@Query() query: ListAdminsQuery): Promise<AdminAccountListView> {
    return this.accounts.list(query);
  }

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Make an account' })
  @ApiOkResponse({ type: AdminWithPasswordView })
  @ApiConflictResponse({ description: 'The name or the address is taken.' })
  @ApiUnprocessableEntityResponse(NOT_PROVEN)
  create(@Admin() admin: CurrentAdmin, @Body() account: CreateAdminDto): Promise<AdminWithPasswordView> {
    return this.others.create(admin, account);
  }

  @Get(':adminId')
  @Needs('admins.read')
  @ApiOperation({ summary: 'One admin' })
  @ApiOkResponse({ type: AdminAccountView })
  get(@Param('adminId') adminId: string): Promise<AdminAccountView> {
    return this.accounts.get(adminId);
  }

  @Patch(':adminId')
  @ApiOperation({ summary: 'Change name, address, role or status; it holds from the next request on' })
  @ApiOkResponse({ type: AdminAccountView })
  @ApiConflictResponse({ description: 'The last super_admin, your own rights, or changed by somebody else meanwhile.' })
  @ApiUnprocessableEntityResponse(NOT_PROVEN)
  change(@Admin() admin: CurrentAdmin, @Param('adminId') adminId: string, @Body() change: ChangeAdminDto) {
    return this.others.change(admin, adminId, change);
  }

  @Post(':adminId/password')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: "Give another admin a new password; all that admin's sign-ins end" })
  @ApiOkResponse({ type: AdminWithPasswordView })
  @ApiConflictResponse({ description: 'It is your own account.' })
  @ApiUnprocessableEntityResponse(NOT_PROVEN)
  resetPassword(@Admin() admin: CurrentAdmin, @Param('adminId') adminId: string, @Body() request: ResetPasswordDto) {
    return this.others.resetPassword(admin, adminId, request);
  }

  @Delete(':adminId/totp')
  @ApiOperation({ summary: "Remove another admin's second factor" })
  @ApiOkResponse({ type: AdminAccountView })
  @ApiConflictResponse({ description: 'It is your own account.' })
  @ApiUnprocessableEntityResponse(NOT_PROVEN)
  removeTotp(@Admin() admin: CurrentAdmin, @Param('adminId') adminId: string, @Body() proof: OwnPasswordDto) {
    return this.others.removeTotp(admin, adminId, proof.own_password);
  }

  @Get(':adminId/sessions')
  @Needs('admins.read')
  @ApiOperation({ summary: "An admin's sign-ins that hold" })
  @ApiOkResponse({ type: SessionListView })
  listSessions(@Admin() admin: CurrentAdmin, @Param('adminId') adminId: string, @Query() page: AdminPageQuery) {
    return this.others.listSessions(admin, adminId, page);
  }

  @Delete(':adminId/sessions')
  @ApiOperation({ summary: "End all of an admin's sign-ins" })
  @ApiOkResponse({ type: SessionsEndedView })
  endSessions(@Param('adminId') adminId: string): Promise<SessionsEndedView> {
    return this.others.endSessions(adminId);
  }

  @Delete(':adminId/sessions/:sessionId')
  @ApiOperation({ summary: "End one of an admin's sign-ins" })
  @ApiOkResponse({ schema: { example: { message: 'The sign-in has ended.' } } })
  endSession(@Param('adminId') adminId: string, @Param('sessionId') sessionId: string) {
    return this.others.endSession(adminId, sessionId);
  }
}
