import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AdminGuard, NeedsRole } from '../auth/admin.guard.js';
import { NodesService } from './nodes.service.js';

/** The fleet as the dashboard shows it. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@NeedsRole('viewer')
@Controller()
export class NodesController {
  constructor(private readonly nodes: NodesService) {}

  @Get('admin/nodes')
  list() {
    return this.nodes.listItems();
  }

  @Get('api/nodes')
  getCluster() {
    return this.nodes.getCluster();
  }
}
