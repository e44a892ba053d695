import { Controller, Get, Headers, HttpCode, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiNeeds } from '../../common/index.js';
import { FlamesGuard, NeedsFlamesRole } from '../auth/flames.guard.js';
import { FlamesErrorFilter } from '../flames-error.filter.js';
import { FlamesEventTokensService, FlamesEventTokenView } from './event-tokens.service.js';
import { LastPlace } from './last-place.js';
import type { ProgressPlace } from './progress-frames.js';
import { ProgressGuard, Reader, type ProgressReader } from './progress.guard.js';
import { ProgressService } from './progress.service.js';

const EXAMPLE = `data: {"task_info":{"task_id":"01994a7e-…","model_name":"qwen-max","dataset_id":10,"submit_time":"2026-11-22 20:00:00","end_time":null,"status":"running","result":null}}

data: {"eval_log":"running"}

id: 1795348800123-17-1
data: {"dimension":"Safety","subcomponent":"…","prompt":"…","response":"…","predicted":3,"status":"scored","error_class":null,"error_message":null,"item_key":"9f86…","repeat_no":0,"finished_count":1,"total_count":1000}
`;

/** How evaluations go on, as it happens. */
@ApiTags('flames')
@ApiBearerAuth()
@UseFilters(FlamesErrorFilter)
@Controller('api/flames')
export class ProgressController {
  constructor(
    private readonly progress: ProgressService,
    private readonly tokens: FlamesEventTokensService,
  ) {}

  @Post('event-token')
  @HttpCode(200)
  @UseGuards(FlamesGuard)
  @NeedsFlamesRole('viewer')
  @ApiOperation({ summary: 'A token of one minute to open streams with, for readers that send no header' })
  @ApiOkResponse({ type: FlamesEventTokenView })
  issueToken(@Headers('authorization') authorization: string): FlamesEventTokenView {
    return this.tokens.issue(authorization);
  }

  @Get('progress/:taskId')
  @UseGuards(ProgressGuard)
  @ApiNeeds({ role: 'viewer' })
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'Progress of a task as server-sent events; reading it never starts work',
    description:
      '`task_info` first and at the end; one frame for each finished item, in the order of their ends; `eval_log` lines; `error` where the task failed. ' +
      'Who comes back with the last id goes on behind that item. Comments keep the connection alive.',
  })
  @ApiQuery({
    name: 'token',
    required: false,
    description: 'Instead of the header: from `POST /api/flames/event-token`.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, example: '1795348800123-17-1' })
  @ApiQuery({ name: 'last_event_id', required: false, description: 'The same in the address.' })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } } })
  @ApiNotFoundResponse({ description: 'No such task.' })
  async listen(
    @Param('taskId') taskId: string,
    @Reader() reader: ProgressReader,
    @LastPlace() place: ProgressPlace,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.progress.listen(reply, { taskId, reader, place });
  }
}
