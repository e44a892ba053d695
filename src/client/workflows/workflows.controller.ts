import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBody, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClientGuard } from '../auth/client.guard.js';
import { NeedsScope } from '../auth/scopes.js';
import { OfferedWorkflowsService } from './offered-workflows.service.js';
import { SubmitCheckView, WorkflowListView, WorkflowView } from './workflow.view.js';

const SUBMIT_BODY = {
  description: 'The body of a submit.',
  schema: {
    type: 'object',
    additionalProperties: true,
    example: { prompt: 'a lighthouse in a storm', width: 768, height: 512, parameters: { steps: 30 } },
  },
};

/** The workflows that tasks can run, as they are published. */
@ApiTags('workflows')
@UseGuards(ClientGuard)
@NeedsScope('workflows:read')
@Controller('api/v2/workflows')
export class WorkflowsController {
  constructor(private readonly workflows: OfferedWorkflowsService) {}

  @Get()
  @ApiOperation({ summary: 'All workflows with the parameters that a submit may set' })
  @ApiOkResponse({ type: WorkflowListView })
  list() {
    return this.workflows.list();
  }

  @Get(':name')
  @ApiOperation({ summary: 'One workflow' })
  @ApiOkResponse({ type: WorkflowView })
  @ApiNotFoundResponse({ description: '`WORKFLOW_NOT_FOUND`' })
  get(@Param('name') name: string) {
    return this.workflows.get(name);
  }

  @Post(':name/validate')
  @HttpCode(200)
  @ApiOperation({ summary: 'What a submit of this body would say and run; nothing is made and nothing charged' })
  @ApiBody(SUBMIT_BODY)
  @ApiOkResponse({ type: SubmitCheckView })
  @ApiNotFoundResponse({ description: '`WORKFLOW_NOT_FOUND`' })
  validate(@Param('name') name: string, @Body() body: unknown) {
    return this.workflows.validate(name, body);
  }
}
