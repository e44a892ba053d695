import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
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
import { Admin, type CurrentAdmin } from '../auth/current-admin.js';
import { DeadLetterListView, RedrivenManyView, RedrivenView } from './dead-letter.view.js';
import { ListDeadLettersQuery, RedriveManyDto, RedriveTaskDto } from './dead-letters.dto.js';
import { DeadLettersService } from './dead-letters.service.js';

/** Tasks that failed for good. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('admin/tasks')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get('dead-letters')
  @Needs('tasks.read')
  @ApiOperation({ summary: 'Failed tasks with what was tried on which node, the latest first' })
  @ApiOkResponse({ type: DeadLetterListView })
  list(@Query() query: ListDeadLettersQuery): Promise<DeadLetterListView> {
    return this.letters.list(query);
  }

  @Post('dead-letters/redrive')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run many failed tasks again, without charge; at most 500 a call',
    description: 'Needs a filter at least. POISON and INVALID_WORKFLOW are run again only where error_code names them.',
  })
  @ApiOkResponse({ type: RedrivenManyView })
  @ApiUnprocessableEntityResponse({ description: 'No filter.' })
  redriveMany(@Admin() admin: CurrentAdmin, @Body() request: RedriveManyDto): Promise<RedrivenManyView> {
    return this.letters.redriveMany(admin, request);
  }

  @Post(':taskId/redrive')
  @Needs('tasks.operate')
  @HttpCode(200)
  @ApiOperation({ summary: "Run a failed task again on its user's behalf, without charge" })
  @ApiOkResponse({ type: RedrivenView })
  @ApiNotFoundResponse({ description: 'No user has such a task.' })
  @ApiConflictResponse({ description: 'The task has not failed, or its end is not known to its user yet.' })
  redrive(
    @Admin() admin: CurrentAdmin,
    @Param('taskId') taskId: string,
    @Body() { run_no: runNo }: RedriveTaskDto,
  ): Promise<RedrivenView> {
    return this.letters.redrive(admin, taskId, runNo);
  }
}
