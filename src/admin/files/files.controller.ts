import { Controller, Delete, Get, Param, Query, Req, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { originOf } from '../origin-of.js';
import { AdminFileListView, StorageView } from './file.view.js';
import { ListFilesQuery } from './files.dto.js';
import { FilesService } from './files.service.js';
import { StorageUseService } from './storage-use.service.js';

/** Stored files of all users. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin')
export class FilesController {
  constructor(
    private readonly files: FilesService,
    private readonly storage: StorageUseService,
  ) {}

  @Get('files')
  @Needs('files.read')
  @ApiOperation({ summary: 'Uploads and results, the newest first' })
  @ApiOkResponse({ type: AdminFileListView })
  list(@Query() query: ListFilesQuery, @Req() request: FastifyRequest): Promise<AdminFileListView> {
    return this.files.list(query, originOf(request));
  }

  @Get('storage')
  @Needs('files.read')
  @ApiOperation({ summary: 'How full the storage is, of what and whose, and how fast that grows' })
  @ApiOkResponse({ type: StorageView })
  measure(): Promise<StorageView> {
    return this.storage.get();
  }

  @Delete('files/:fileId')
  @Needs('users.change')
  @ApiOperation({ summary: "Delete a user's upload" })
  @ApiOkResponse({ schema: { example: { message: 'The file is deleted.', file_id: '01994a7e-5b7f' } } })
  @ApiNotFoundResponse({ description: 'No such file.' })
  @ApiConflictResponse({ description: 'A task that is not over needs it, or it is a result.' })
  delete(@Param('fileId') fileId: string): Promise<{ message: string; file_id: string }> {
    return this.files.delete(fileId);
  }
}
