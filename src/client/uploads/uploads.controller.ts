import {
  Controller,
  createParamDecorator,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiParam,
  ApiPayloadTooLargeResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageQuery } from '../../common/index.js';
import { BLOB_STORE, sendBlob, type BlobStore } from '../../storage/index.js';
import { ClientGuard } from '../auth/client.guard.js';
import { Client, type CurrentClient } from '../auth/current-client.js';
import { NeedsScope } from '../auth/scopes.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { Keyed, type KeyedCall } from '../idempotency/keyed-call.js';
import { FileDeletedView, FileListView, FileView, UploadedView } from './upload-view.js';
import { UploadsService } from './uploads.service.js';

const UPLOAD_FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: { type: 'string', format: 'binary', description: 'JPEG, PNG or WebP, at most 10 MiB.' } },
};

/** What stands in the place of the `*`; as a plain parameter the API's description would name it so, which none reads. */
const RestOfPath = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>().params['*'] ?? '',
);

/** The files that the signed-in user has sent. */
@ApiTags('files')
@UseGuards(ClientGuard)
@NeedsScope('files:read')
@Controller('api/v2')
export class UploadsController {
  constructor(
    private readonly uploads: UploadsService,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  @Post('upload/image')
  @HttpCode(200)
  @NeedsScope('files:write')
  @Idempotent('No file, several, or not a picture that can be read.')
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: UPLOAD_FORM })
  @ApiOkResponse({ type: UploadedView })
  @ApiPayloadTooLargeResponse({ description: 'More than 10 MiB.' })
  @ApiConflictResponse({
    description: '`REQUEST_IN_FLIGHT`: the first request with this key is still running; see Retry-After.',
  })
  upload(@Client() client: CurrentClient, @Req() request: FastifyRequest, @Keyed() call: KeyedCall | undefined) {
    return this.uploads.take(client.clientId, request, call);
  }

  @Get('uploads/*')
  @ApiParam({ name: 'path', type: String, description: 'The `relative_path`, with its slashes.' })
  @ApiOkResponse({ description: 'The file; Range is supported.', content: { 'image/*': {} } })
  @ApiNotFoundResponse({ description: 'No such file, or not yours.' })
  async download(@Client() client: CurrentClient, @RestOfPath() path: string, @Res() reply: FastifyReply) {
    await sendBlob(this.blobs, await this.uploads.getContent(client.clientId, path), reply);
  }

  @Get('files')
  @ApiOkResponse({ type: FileListView })
  list(@Client() client: CurrentClient, @Query() query: PageQuery) {
    return this.uploads.list(client.clientId, query);
  }

  @Get('files/:fileId')
  @ApiOkResponse({ type: FileView })
  @ApiNotFoundResponse({ description: 'No such file, or not yours.' })
  get(@Client() client: CurrentClient, @Param('fileId') fileId: string) {
    return this.uploads.get(client.clientId, fileId);
  }

  @Delete('files/:fileId')
  @NeedsScope('files:write')
  @ApiOkResponse({ type: FileDeletedView })
  @ApiNotFoundResponse({ description: 'No such file, or not yours.' })
  @ApiConflictResponse({ description: 'A task that is not over yet needs it.' })
  async delete(@Client() client: CurrentClient, @Param('fileId') fileId: string): Promise<FileDeletedView> {
    await this.uploads.delete(client.clientId, fileId);
    return { message: 'The file is deleted.', file_id: fileId };
  }
}
