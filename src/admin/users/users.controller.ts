import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import {
  ChangedUserView,
  CreatedUserView,
  EndedSessionsView,
  UserDetailView,
  UserListView,
  UserPasswordView,
  UserView,
} from './user.view.js';
import { ChangeUserDto, CreateUserDto, ListUsersQuery, SetUserPasswordDto } from './users.dto.js';
import { UsersService } from './users.service.js';

/** The users of the client page. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller()
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get(['api/admin/users', 'admin/users'])
  @Needs('users.read')
  @ApiOperation({ summary: 'Users, with their quota of today' })
  @ApiOkResponse({ type: UserListView })
  list(@Query() query: ListUsersQuery): Promise<UserListView> {
    return this.users.list(query);
  }

  @Get('api/admin/users/:clientId')
  @Needs('users.read')
  @ApiOperation({ summary: 'A user with tasks, sign-ins, API keys and storage' })
  @ApiOkResponse({ type: UserDetailView })
  @ApiNotFoundResponse({ description: 'No such user.' })
  get(@Param('clientId') clientId: string): Promise<UserDetailView> {
    return this.users.get(clientId);
  }

  @Post('api/admin/users')
  @Needs('users.change')
  @ApiOperation({ summary: 'Make an account' })
  @ApiCreatedResponse({ type: CreatedUserView })
  @ApiConflictResponse({ description: 'The name is taken.' })
  create(@Body() request: CreateUserDto): Promise<CreatedUserView> {
    return this.users.create(request);
  }

  @Patch('api/admin/users/:clientId')
  @Needs('users.change')
  @ApiOperation({ summary: 'Change a user; what is left out stays' })
  @ApiOkResponse({ type: ChangedUserView })
  @ApiNotFoundResponse({ description: 'No such user.' })
  @ApiConflictResponse({ description: 'Somebody else changed the user since `version`.' })
  change(@Param('clientId') clientId: string, @Body() request: ChangeUserDto): Promise<ChangedUserView> {
    return this.users.change(clientId, request);
  }

  @Post('api/admin/users/:clientId/quota/reset')
  @Needs('users.change')
  @HttpCode(200)
  @ApiOperation({ summary: "Let the user's day count anew from 0; the runs so far are given back in the ledger" })
  @ApiOkResponse({ type: UserView })
  @ApiNotFoundResponse({ description: 'No such user.' })
  resetQuota(@Param('clientId') clientId: string): Promise<UserView> {
    return this.users.resetQuota(clientId);
  }

  @Post('api/admin/users/:clientId/password')
  @Needs('users.change')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the user another password; all sign-ins end' })
  @ApiOkResponse({ type: UserPasswordView })
  @ApiNotFoundResponse({ description: 'No such user.' })
  setPassword(
    @Param('clientId') clientId: string,
    @Body() { password }: SetUserPasswordDto,
  ): Promise<UserPasswordView> {
    return this.users.setPassword(clientId, password);
  }

  @Post('api/admin/users/:clientId/sessions/revoke')
  @Needs('users.change')
  @HttpCode(200)
  @ApiOperation({ summary: 'End all sign-ins of a user; API keys go on' })
  @ApiOkResponse({ type: EndedSessionsView })
  @ApiNotFoundResponse({ description: 'No such user.' })
  endSessions(@Param('clientId') clientId: string): Promise<EndedSessionsView> {
    return this.users.endSessions(clientId);
  }
}
