import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { PublishingService } from './publishing.service.js';
import { LARGEST_TEMPLATE, receiveTemplate } from './receive-template.js';
import {
  ChangeTemplateDto,
  CompareQuery,
  CreateTemplateDto,
  EnableDto,
  ListTemplatesQuery,
  RevisionDto,
  RollBackDto,
  TryTemplateDto,
} from './template.dto.js';
import {
  DiffView,
  PublishedView,
  SuggestedInputsView,
  TemplateListView,
  TemplateView,
  VersionListView,
} from './template.view.js';
import { TemplatesService } from './templates.service.js';
import { TrialView } from './trial.view.js';
import { TrialsService } from './trials.service.js';

/** Workflows as admins edit, try and publish them. */
@ApiTags('workflow templates')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin/workflows')
export class TemplatesController {
  constructor(
    private readonly templates: TemplatesService,
    private readonly publishing: PublishingService,
    private readonly trials: TrialsService,
  ) {}

  @Get()
  @Needs('workflows.read')
  @ApiOperation({ summary: 'All templates, by name' })
  @ApiOkResponse({ type: TemplateListView })
  list(@Query() query: ListTemplatesQuery): Promise<TemplateListView> {
    return this.templates.list(query);
  }

  @Post()
  @RouteConfig(LARGEST_TEMPLATE)
  @Needs('workflows.edit')
  @HttpCode(200)
  @ApiOperation({
    summary: "A new draft from a workflow in ComfyUI's API format",
    description: 'As JSON, or as a form with the exported workflow as its part "file" and the other fields beside it.',
  })
  @ApiConsumes('application/json', 'multipart/form-data')
  @ApiBody({ type: CreateTemplateDto })
  @ApiOkResponse({ type: TemplateView })
  @ApiConflictResponse({ description: 'The name is taken.' })
  @ApiUnprocessableEntityResponse({ description: 'Not in the API format, or what ComfyUI would die of; says where.' })
  async create(@Req() request: FastifyRequest): Promise<TemplateView> {
    return this.templates.create(await receiveTemplate(request));
  }

  @Get(':name')
  @Needs('workflows.read')
  @ApiOkResponse({ type: TemplateView })
  @ApiNotFoundResponse({ description: 'No such workflow.' })
  get(@Param('name') name: string): Promise<TemplateView> {
    return this.templates.get(name);
  }

  @Patch(':name')
  @RouteConfig(LARGEST_TEMPLATE)
  @Needs('workflows.edit')
  @ApiOperation({ summary: 'Change the draft: what is given takes the place of what was there' })
  @ApiOkResponse({ type: TemplateView })
  @ApiConflictResponse({ description: 'Somebody else changed it since it was read.' })
  change(@Param('name') name: string, @Body() change: ChangeTemplateDto): Promise<TemplateView> {
    return this.templates.change(name, change);
  }

  @Delete(':name')
  @Needs('workflows.edit')
  @ApiOperation({ summary: 'Delete a draft that never was published' })
  @ApiOkResponse({ schema: { example: { message: 'sd_test is deleted.' } } })
  @ApiConflictResponse({ description: 'It was published: disable it instead.' })
  async remove(@Param('name') name: string): Promise<{ message: string }> {
    await this.templates.remove(name);
    return { message: `${name} is deleted.` };
  }

  @Get(':name/inputs')
  @Needs('workflows.read')
  @ApiOperation({ summary: 'What of the graph a parameter could set, with a guess at its type and name' })
  @ApiOkResponse({ type: SuggestedInputsView })
  suggestInputs(@Param('name') name: string): Promise<SuggestedInputsView> {
    return this.templates.suggestInputs(name);
  }

  @Post(':name/try')
  @Needs('workflows.edit')
  @HttpCode(200)
  @ApiOperation({ summary: 'Whether the draft can run, on which nodes, and with `run` what comes out' })
  @ApiOkResponse({ type: TrialView })
  @ApiConflictResponse({ description: 'No node can run it now.' })
  try(@Param('name') name: string, @Body() request: TryTemplateDto): Promise<TrialView> {
    return this.trials.try(name, request);
  }

  @Post(':name/publish')
  @Needs('workflows.publish')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make the draft the next version, which new tasks run; says what changes' })
  @ApiOkResponse({ type: PublishedView })
  @ApiUnprocessableEntityResponse({ description: 'It could not run; with all reasons.' })
  publish(@Param('name') name: string, @Body() { revision }: RevisionDto): Promise<PublishedView> {
    return this.publishing.publish(name, revision);
  }

  @Post(':name/rollback')
  @Needs('workflows.publish')
  @HttpCode(200)
  @ApiOperation({ summary: 'Publish the content of an old version as the next one' })
  @ApiOkResponse({ type: PublishedView })
  @ApiConflictResponse({ description: 'The draft has changes that were never published.' })
  rollBack(@Param('name') name: string, @Body() request: RollBackDto): Promise<PublishedView> {
    return this.publishing.rollBack(name, request);
  }

  @Post(':name/enabled')
  @Needs('workflows.publish')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let users submit it, or not; what waits and runs goes on' })
  @ApiOkResponse({ type: TemplateView })
  setEnabled(@Param('name') name: string, @Body() request: EnableDto): Promise<TemplateView> {
    return this.publishing.setEnabled(name, request);
  }

  @Get(':name/versions')
  @Needs('workflows.read')
  @ApiOkResponse({ type: VersionListView })
  listVersions(@Param('name') name: string, @Query() { limit, offset }: AdminPageQuery): Promise<VersionListView> {
    return this.publishing.listVersions(name, limit, offset);
  }

  @Get(':name/versions/:version')
  @Needs('workflows.read')
  @ApiOperation({ summary: 'A published snapshot, as tasks run it' })
  @ApiOkResponse({ schema: { example: { name: 'sd_basic', graph: {}, parameters: [] } } })
  @ApiNotFoundResponse({ description: 'No such workflow, or no such version.' })
  getVersion(@Param('name') name: string, @Param('version') version: string) {
    return this.publishing.getVersion(name, version);
  }

  @Get(':name/diff')
  @Needs('workflows.read')
  @ApiOperation({ summary: 'What one version, or the draft, has otherwise than another' })
  @ApiOkResponse({ type: DiffView })
  compare(@Param('name') name: string, @Query() query: CompareQuery): Promise<DiffView> {
    return this.publishing.compare(name, query);
  }
}
