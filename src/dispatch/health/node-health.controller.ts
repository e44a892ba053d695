import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, NeedsRole } from '../../admin/index.js';
import { NodeProbeView } from './node-health.view.js';
import { NodeProbeService } from './node-probe.service.js';

/** Looks at single nodes, on demand. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@NeedsRole('viewer')
@Controller('api/nodes/:nodeId')
export class NodeHealthController {
  constructor(private readonly probes: NodeProbeService) {}

  @Get('health')
  @ApiOperation({ summary: 'Ask the node now whether it answers' })
  @ApiOkResponse({ type: NodeProbeView })
  @ApiNotFoundResponse({ description: 'No such node.' })
  probe(@Param('nodeId') nodeId: string): Promise<NodeProbeView> {
    return this.probes.probe(nodeId);
  }
}
