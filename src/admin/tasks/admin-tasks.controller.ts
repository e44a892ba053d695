import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { AdminTasksService } from './admin-tasks.service.js';
import { ListAdminTasksQuery } from './list-admin-tasks.query.js';

/** All users' tasks. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('admin/tasks')
export class AdminTasksController {
  constructor(private readonly tasks: AdminTasksService) {}

  @Get()
  @Needs('tasks.read')
  list(@Query() query: ListAdminTasksQuery) {
    return this.tasks.list(query);
  }
}
