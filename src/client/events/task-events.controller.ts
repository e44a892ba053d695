import { applyDecorators, Controller, Get, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExtraModels,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ClientGuard } from '../auth/client.guard.js';
import { Client, type CurrentClient } from '../auth/current-client.js';
import { NeedsScope } from '../auth/scopes.js';
import { EventTokensService, EventTokenView } from './event-tokens.service.js';
import { EventsGuard, Reader, type EventReader } from './events.guard.js';
import { LastEvent } from './last-event.js';
import { TaskEventView } from './task-event.view.js';
import { TaskEventsService } from './task-events.service.js';

const EXAMPLE = `retry: 2000

id: 1767225600000
event: snapshot
data: {"tasks":[{"task_id":"01994a7e-…","run_no":1,"status":"queued","progress":0,"queue":{"task_id":"01994a7e-…","position":3,"estimated_start":{"p50":"2026-01-01T00:00:20.000Z","p90":"2026-01-01T00:00:45.000Z"}}}],"is_truncated":false}

id: 1767225605012
event: status
data: {"task_id":"01994a7e-…","run_no":1,"status":"processing","progress":0}

id: 1767225606010
event: progress
data: {"task_id":"01994a7e-…","run_no":1,"status":"processing","progress":42.5}
`;

const Stream = (summary: string) =>
  applyDecorators(
    UseGuards(EventsGuard),
    NeedsScope('tasks:read'),
    ApiProduces('text/event-stream'),
    ApiExtraModels(TaskEventView),
    ApiOperation({
      summary,
      description:
        'Server-sent events: first `snapshot`, then `status` (every change of state), `progress`, and `queue` (approximate place and estimated start of a waiting task: `p50` is the likely one, `p90` a cautious one; neither is a promise). ' +
        'Comments keep the connection alive. An `id` is a time of the server: who comes back with the last one gets a snapshot that holds all that changed since, so nothing is missed; some of it may be told twice. ' +
        'Where `is_truncated` is true, more tasks changed than a snapshot holds: ask for the list. A reader that falls far behind is cut off and may come back.',
    }),
    ApiQuery({
      name: 'token',
      required: false,
      description: 'Instead of the header: from `POST /api/v2/events/token`.',
    }),
    ApiHeader({ name: 'Last-Event-ID', required: false, example: '1767225606010' }),
    ApiQuery({ name: 'last_event_id', required: false, description: 'The same in the address.' }),
    ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } } }),
  );

/** What becomes of the signed-in user's tasks, as it happens. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('api/v2')
export class TaskEventsController {
  constructor(
    private readonly events: TaskEventsService,
    private readonly tokens: EventTokensService,
  ) {}

  @Post('events/token')
  @HttpCode(200)
  @UseGuards(ClientGuard)
  @ApiOperation({ summary: 'A token of one minute to open streams with, for readers that send no header' })
  @ApiOkResponse({ type: EventTokenView })
  issueToken(@Client() client: CurrentClient): EventTokenView {
    return this.tokens.issue(client);
  }

  @Get('events')
  @Stream('Events of all tasks')
  async listenToAll(@Reader() reader: EventReader, @LastEvent() since: Date | undefined, @Res() reply: FastifyReply) {
    await this.events.listen(reply, { ...toListener(reader), since, taskId: undefined });
  }

  @Get('tasks/:taskId/events')
  @Stream('Events of one task, up to `end` when its run is over')
  @ApiNotFoundResponse({ description: 'No such task of yours' })
  async listenToOne(
    @Reader() reader: EventReader,
    @LastEvent() since: Date | undefined,
    @Param('taskId') taskId: string,
    @Res() reply: FastifyReply,
  ) {
    await this.events.listen(reply, { ...toListener(reader), since, taskId });
  }
}

function toListener({ client, authenticate }: EventReader) {
  return { clientId: client.clientId, authenticate };
}
