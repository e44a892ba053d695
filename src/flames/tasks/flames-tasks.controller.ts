import { Body, Controller, Get, HttpCode, Param, Post, Query, UseFilters, UseGuards, UsePipes } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentFlamesAdmin, type FlamesAdmin } from '../auth/flames-admins.js';
import { FlamesGuard, NeedsFlamesRole } from '../auth/flames.guard.js';
import { FlamesErrorFilter } from '../flames-error.filter.js';
import { CreateTaskDto, TargetDto } from './create-task.dto.js';
import { EstimateDto, EstimateView, TargetTestView } from './estimate.dto.js';
import { FlamesTasksService } from './flames-tasks.service.js';
import { FlamesHistoryQuery } from './history.query.js';
import { PreflightService } from './preflight.service.js';
import { CreatedTasksView, FlamesHistoryView, FlamesTaskDetailView } from './task-views.js';
import { WithoutNullsPipe } from './without-nulls.pipe.js';

/** Evaluations of models: made, looked at, stopped. Errors carry `msg` and `task_id` beside the usual fields. */
@ApiTags('flames')
@ApiBearerAuth()
@UseFilters(FlamesErrorFilter)
@UseGuards(FlamesGuard)
@UsePipes(WithoutNullsPipe)
@NeedsFlamesRole('operator')
@Controller('api/flames')
export class FlamesTasksController {
  constructor(
    private readonly tasks: FlamesTasksService,
    private readonly preflight: PreflightService,
  ) {}

  @Post('create_task')
  @HttpCode(200)
  @ApiOperation({ summary: 'Evaluate a model by one or more datasets' })
  @ApiOkResponse({ type: CreatedTasksView })
  @ApiNotFoundResponse({ description: 'No such dataset.' })
  @ApiUnprocessableEntityResponse({ description: 'The address is not allowed, or a field is wrong.' })
  create(@Body() wish: CreateTaskDto, @CurrentFlamesAdmin() admin: FlamesAdmin): Promise<CreatedTasksView> {
    return this.tasks.create(wish, admin.username);
  }

  @Post('estimate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Calls, tokens and time that a task would about take' })
  @ApiOkResponse({ type: EstimateView })
  estimate(@Body() wish: EstimateDto): Promise<EstimateView> {
    return this.preflight.estimate(wish);
  }

  @Post('test_target')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask a model one harmless question' })
  @ApiOkResponse({ type: TargetTestView })
  test(@Body() target: TargetDto): Promise<TargetTestView> {
    return this.preflight.test(target);
  }

  @Get('history')
  @NeedsFlamesRole('viewer')
  @ApiOkResponse({ type: FlamesHistoryView })
  list(@Query() query: FlamesHistoryQuery): Promise<FlamesHistoryView> {
    return this.tasks.list(query);
  }

  @Get('tasks/:taskId')
  @NeedsFlamesRole('viewer')
  @ApiOkResponse({ type: FlamesTaskDetailView })
  @ApiNotFoundResponse({ description: 'No such task.' })
  get(@Param('taskId') taskId: string): Promise<FlamesTaskDetailView> {
    return this.tasks.getDetail(taskId);
  }

  @Post('tasks/:taskId/cancel')
  @HttpCode(200)
  @ApiOkResponse({ type: FlamesTaskDetailView })
  @ApiConflictResponse({ description: 'It is over already.' })
  cancel(@Param('taskId') taskId: string): Promise<FlamesTaskDetailView> {
    return this.tasks.cancel(taskId);
  }

  @Post('tasks/:taskId/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask nothing more until it is resumed' })
  @ApiOkResponse({ type: FlamesTaskDetailView })
  @ApiConflictResponse({ description: 'It is over already.' })
  pause(@Param('taskId') taskId: string): Promise<FlamesTaskDetailView> {
    return this.tasks.pause(taskId);
  }

  @Post('tasks/:taskId/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: FlamesTaskDetailView })
  @ApiConflictResponse({ description: 'It is over already.' })
  resume(@Param('taskId') taskId: string): Promise<FlamesTaskDetailView> {
    return this.tasks.resume(taskId);
  }
}
