import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SETTINGS, type Settings } from '../../config/index.js';
import { ClientGuard } from '../auth/client.guard.js';
import { NeedsScope } from '../auth/scopes.js';
import { ClientWorkflowsService } from './client-workflows.service.js';
import { ServiceConfigView, toServiceConfigView } from './service-config.view.js';

/** What pages and scripts need to know before they ask for anything. */
@ApiTags('workflows')
@UseGuards(ClientGuard)
@NeedsScope('workflows:read')
@Controller('api/v2')
export class ServiceConfigController {
  constructor(
    private readonly workflows: ClientWorkflowsService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get(['config', 'system/config'])
  @ApiOperation({ summary: 'Task types, formats, limits and presets' })
  @ApiOkResponse({ type: ServiceConfigView })
  async getConfig() {
    return toServiceConfigView(await this.workflows.list(), this.settings);
  }
}
