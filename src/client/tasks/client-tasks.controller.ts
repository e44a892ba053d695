import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { BLOB_STORE, sendBlob, type BlobStore } from '../../storage/index.js';
import { ClientGuard } from '../auth/client.guard.js';
import { Client, ViewedBy, type CurrentClient, type Viewer } from '../auth/current-client.js';
import { OpenToOverseers } from '../auth/overseers.js';
import { NeedsScope } from '../auth/scopes.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { Keyed, type KeyedCall } from '../idempotency/keyed-call.js';
import { ClientTasksService } from './client-tasks.service.js';
import { DownloadQuery } from './download.query.js';
import { ListTasksQuery } from './list-tasks.query.js';
import { ReloadTaskDto } from './reload-task.dto.js';
import { SubmitImageToVideoDto } from './submit-image-to-video.dto.js';
import { SubmitTasksService } from './submit-tasks.service.js';
import { SubmitTextToImageDto } from './submit-text-to-image.dto.js';
import { CancelView, SubmittedView, TaskDetailView, TaskListView, TaskStatusView } from './task-view.js';

const IN_FLIGHT =
  '`REQUEST_IN_FLIGHT`: the first request with this Idempotency-Key is still running; `Retry-After` says when to ask again.';

/** The tasks of the signed-in user. */
@ApiTags('tasks')
@UseGuards(ClientGuard)
@NeedsScope('tasks:read')
@Controller('api/v2/tasks')
export class ClientTasksController {
  constructor(
    private readonly submissions: SubmitTasksService,
    private readonly tasks: ClientTasksService,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  @Post('text-to-image')
  @NeedsScope('tasks:write')
  @HttpCode(200)
  @Idempotent()
  @ApiOkResponse({ type: SubmittedView })
  @ApiConflictResponse({ description: IN_FLIGHT })
  submitTextToImage(
    @Client() client: CurrentClient,
    @Body() request: SubmitTextToImageDto,
    @Keyed() call: KeyedCall | undefined,
  ) {
    return this.submissions.submitTextToImage(client, request, call);
  }

  @Post('image-to-video')
  @NeedsScope('tasks:write')
  @HttpCode(200)
  @Idempotent()
  @ApiOkResponse({ type: SubmittedView })
  @ApiNotFoundResponse({ description: 'No such upload, or not yours.' })
  @ApiConflictResponse({ description: IN_FLIGHT })
  submitImageToVideo(
    @Client() client: CurrentClient,
    @Body() request: SubmitImageToVideoDto,
    @Keyed() call: KeyedCall | undefined,
  ) {
    return this.submissions.submitImageToVideo(client, request, call);
  }

  @Post('reload')
  @NeedsScope('tasks:write')
  @HttpCode(200)
  @Idempotent()
  @ApiOkResponse({ type: SubmittedView })
  @ApiNotFoundResponse({ description: 'No such task, or not yours.' })
  @ApiConflictResponse({ description: 'It is not over yet.' })
  reload(
    @Client() client: CurrentClient,
    @Body() { task_id: taskId }: ReloadTaskDto,
    @Keyed() call: KeyedCall | undefined,
  ) {
    return this.tasks.reload(client, taskId, call);
  }

  @Get()
  @ApiOkResponse({ type: TaskListView })
  list(@Client() client: CurrentClient, @Query() query: ListTasksQuery) {
    return this.tasks.list(client.clientId, query);
  }

  @Get(':taskId')
  @ApiOkResponse({ type: TaskDetailView })
  @ApiNotFoundResponse({ description: 'No such task, or not yours.' })
  get(@Client() client: CurrentClient, @Param('taskId') taskId: string) {
    return this.tasks.get(client.clientId, taskId);
  }

  @Get(':taskId/status')
  @ApiOkResponse({ type: TaskStatusView })
  @ApiNotFoundResponse({ description: 'No such task, or not yours.' })
  getStatus(@Client() client: CurrentClient, @Param('taskId') taskId: string) {
    return this.tasks.getStatus(client.clientId, taskId);
  }

  @Get(':taskId/download')
  @OpenToOverseers()
  @ApiOkResponse({ description: 'The file; Range is supported.', content: { '*/*': {} } })
  @ApiNotFoundResponse({ description: 'No such task, file or variant.' })
  async download(
    @ViewedBy() viewer: Viewer,
    @Param('taskId') taskId: string,
    @Query() { index, variant }: DownloadQuery,
    @Res() reply: FastifyReply,
  ) {
    await sendBlob(this.blobs, await this.tasks.getResult(viewer, taskId, index, variant), reply);
  }

  @Delete(':taskId')
  @NeedsScope('tasks:write')
  @ApiOkResponse({ type: CancelView })
  @ApiNotFoundResponse({ description: 'No such task, or not yours.' })
  @ApiConflictResponse({ description: 'It is over already.' })
  cancel(@Client() client: CurrentClient, @Param('taskId') taskId: string) {
    return this.tasks.cancel(client.clientId, taskId);
  }
}
