import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { originOf } from '../origin-of.js';
import { AdminTaskListView } from './admin-task-view.js';
import { CancelManyDto, ListAdminTasksQuery, SetPriorityDto } from './admin-tasks.dto.js';
import { AdminTasksService } from './admin-tasks.service.js';
import { TaskDetailsService } from './task-details.service.js';
import { OverseenTaskView } from './task-detail.view.js';
import { TaskOperationsService } from './task-operations.service.js';
import { CancelledManyView, CancelledView, PriorityView, RequeuedView } from './task-operations.view.js';
import { TaskStoriesService } from './task-stories.service.js';
import { TaskStoryView } from './task-story.js';

/** All users' tasks. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller()
export class AdminTasksController {
  constructor(
    private readonly tasks: AdminTasksService,
    private readonly details: TaskDetailsService,
    private readonly stories: TaskStoriesService,
    private readonly operations: TaskOperationsService,
  ) {}

  @Get('admin/tasks')
  @Needs('tasks.read')
  @ApiOperation({ summary: "All users' tasks" })
  @ApiOkResponse({ type: AdminTaskListView })
  list(@Query() query: ListAdminTasksQuery, @Req() request: FastifyRequest): Promise<AdminTaskListView> {
    return this.tasks.list(query, originOf(request));
  }

  @Post('admin/tasks/:taskId/cancel')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({ summary: "Cancel a task on its user's behalf; it may be repeated" })
  @ApiOkResponse({ type: CancelledView })
  @ApiNotFoundResponse({ description: 'No user has such a task.' })
  @ApiConflictResponse({ description: 'It is over already.' })
  cancel(@Param('taskId') taskId: string): Promise<CancelledView> {
    return this.operations.cancel(taskId);
  }

  @Post('api/admin/tasks/cancel')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel many tasks that wait or run; at most 500 a call', description: 'Needs a filter.' })
  @ApiOkResponse({ type: CancelledManyView })
  @ApiUnprocessableEntityResponse({ description: 'No filter.' })
  cancelMany(@Body() request: CancelManyDto): Promise<CancelledManyView> {
    return this.operations.cancelMany(request);
  }

  @Get('api/admin/tasks/:taskId')
  @Needs('tasks.read')
  @ApiOperation({ summary: 'Everything about a task: parameters, results, attempts' })
  @ApiOkResponse({ type: OverseenTaskView })
  @ApiNotFoundResponse({ description: 'No such task.' })
  get(@Param('taskId') taskId: string, @Req() request: FastifyRequest): Promise<OverseenTaskView> {
    return this.details.get(taskId, originOf(request));
  }

  @Get('api/admin/tasks/:taskId/story')
  @Needs('tasks.read')
  @ApiOperation({
    summary: 'What happened to a task, one event after the other',
    description: 'As far as rows still tell: announcements of changes are kept for some days after the run is over.',
  })
  @ApiOkResponse({ type: TaskStoryView })
  @ApiNotFoundResponse({ description: 'No such task.' })
  tell(@Param('taskId') taskId: string): Promise<TaskStoryView> {
    return this.stories.tell(taskId);
  }

  @Post('api/admin/tasks/:taskId/requeue')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take a task back from its node, without spending an attempt; it runs elsewhere if it can' })
  @ApiOkResponse({ type: RequeuedView })
  @ApiNotFoundResponse({ description: 'No such task.' })
  @ApiConflictResponse({ description: 'No node works on it.' })
  requeue(@Param('taskId') taskId: string): Promise<RequeuedView> {
    return this.operations.requeue(taskId);
  }

  @Post('api/admin/tasks/:taskId/priority')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a task that waits another priority' })
  @ApiOkResponse({ type: PriorityView })
  @ApiNotFoundResponse({ description: 'No such task.' })
  @ApiConflictResponse({ description: 'It does not wait, or was changed meanwhile.' })
  setPriority(@Param('taskId') taskId: string, @Body() { priority }: SetPriorityDto): Promise<PriorityView> {
    return this.operations.setPriority(taskId, priority);
  }
}
