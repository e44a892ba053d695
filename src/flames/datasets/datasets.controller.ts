import { Controller, Get, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../config/index.js';
import { FlamesGuard, NeedsFlamesRole } from '../auth/flames.guard.js';
import {
  DatasetDetailView,
  DatasetListView,
  ImportedDatasetView,
  toDatasetDetailView,
  toDatasetView,
  toImportedDatasetView,
} from './dataset.view.js';
import { DatasetsService } from './datasets.service.js';
import { receiveDataset } from './receive-dataset.js';

const DATASET_FORM = {
  type: 'object',
  required: ['file', 'name'],
  properties: {
    file: { type: 'string', format: 'binary', description: 'JSON Lines, at most 16 MiB.' },
    name: { type: 'string', minLength: 1, maxLength: 200, example: 'flames-1k' },
    number: { type: 'integer', minimum: 1, maximum: 2_147_483_647, description: 'The next free one where left out.' },
    skip_bad_lines: { type: 'boolean', default: false, description: 'Import without them instead of not at all.' },
  },
};

/** Sets of prompts to evaluate models by. */
@ApiTags('flames')
@ApiBearerAuth()
@UseGuards(FlamesGuard)
@Controller('api/flames/datasets')
export class DatasetsController {
  private readonly zone: string;

  constructor(
    @Inject(SETTINGS) { flames }: Settings,
    private readonly datasets: DatasetsService,
  ) {
    this.zone = flames.timesZone;
  }

  @Get()
  @NeedsFlamesRole('viewer')
  @ApiOkResponse({ type: DatasetListView })
  async list(): Promise<DatasetListView> {
    return { datasets: (await this.datasets.list()).map((dataset) => toDatasetView(dataset, this.zone)) };
  }

  @Get(':datasetId')
  @NeedsFlamesRole('viewer')
  @ApiOkResponse({ type: DatasetDetailView })
  @ApiNotFoundResponse({ description: 'No such dataset.' })
  async get(@Param('datasetId') datasetId: string): Promise<DatasetDetailView> {
    const dataset = await this.datasets.get(Number(datasetId));
    return toDatasetDetailView(dataset, await this.datasets.countItems(dataset), this.zone);
  }

  @Post()
  @NeedsFlamesRole('operator')
  @HttpCode(200)
  @ApiOperation({ summary: 'Import a file of prompts; the same one again changes nothing' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: DATASET_FORM })
  @ApiOkResponse({ type: ImportedDatasetView })
  @ApiConflictResponse({ description: 'The name is that of other content, or the number is taken.' })
  @ApiPayloadTooLargeResponse({ description: 'More than 16 MiB.' })
  async import(@Req() request: FastifyRequest): Promise<ImportedDatasetView> {
    const { file, options } = await receiveDataset(request);
    return toImportedDatasetView(await this.datasets.import([file], options), this.zone);
  }
}
