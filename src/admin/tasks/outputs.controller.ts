import { Controller, Get, Inject, Query, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { NotFoundError } from '../../common/index.js';
import { TaskRecordsRepository } from '../../shared/index.js';
import { BLOB_STORE, sendBlob, type BlobStore } from '../../storage/index.js';
import { Needs } from '../auth/admin.guard.js';
import { OutputGuard } from './output.guard.js';

class OutputQuery {
  @ApiPropertyOptional({ type: String, description: 'The task_id.' })
  @IsOptional()
  @IsString()
  @Length(1, 36)
  task?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(100_000)
  index: number = 0;

  @ApiPropertyOptional({ type: 'integer', description: 'Seconds since 1970.' })
  @IsOptional()
  expires?: string;

  @ApiPropertyOptional({ type: String, description: 'Of task, index and expires; instead of a sign-in.' })
  @IsOptional()
  signature?: string;
}

/** Results by the addresses that the dashboard's list names. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(OutputGuard)
@Controller('outputs')
export class OutputsController {
  constructor(
    private readonly records: TaskRecordsRepository,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  @Get(':file')
  @Needs('tasks.read')
  @ApiParam({ name: 'file', description: 'For people to read; the query says which file it is.' })
  @ApiOperation({ summary: 'A file of a task, by an address that GET /admin/tasks has signed or by an admin’s token' })
  @ApiOkResponse({ description: 'The file; Range is supported.', content: { '*/*': {} } })
  @ApiNotFoundResponse({ description: 'No such file (any more).' })
  async download(@Query() { task, index }: OutputQuery, @Res() reply: FastifyReply): Promise<void> {
    const result = task === undefined ? undefined : await this.records.findResult(task, index);
    if (!result?.fileHash) throw new NotFoundError('There is no such file (any more).', 'FILE_NOT_FOUND');
    const { fileHash, fileName, mimeType } = result;
    await sendBlob(this.blobs, { fileHash, fileName, mimeType }, reply);
  }
}
