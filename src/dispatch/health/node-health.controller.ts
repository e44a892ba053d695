import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../../admin/index.js';
import { BreakerView, CanaryView, NodeProbeView } from './node-health.view.js';
import { NodeProbeService } from './node-probe.service.js';

/** Looks at single nodes, on demand. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/nodes/:nodeId')
export class NodeHealthController {
  constructor(private readonly probes: NodeProbeService) {}

  @Get('health')
  @Needs('nodes.read')
  @ApiOperation({ summary: 'Ask the node now whether it answers' })
  @ApiOkResponse({ type: NodeProbeView })
  @ApiNotFoundResponse({ description: 'No such node.' })
  probe(@Param('nodeId') nodeId: string): Promise<NodeProbeView> {
    return this.probes.probe(nodeId);
  }

  @Get('breaker')
  @Needs('nodes.read')
  @ApiOperation({ summary: 'Whether the node, or single workflows there, are kept from work after failures' })
  @ApiOkResponse({ type: BreakerView })
  getBreaker(@Param('nodeId') nodeId: string): Promise<BreakerView> {
    return this.probes.getBreaker(nodeId);
  }

  @Post('breaker/reset')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Forget all failures of the node; it gets work again at once' })
  @ApiOkResponse({ type: BreakerView })
  resetBreaker(@Param('nodeId') nodeId: string): Promise<BreakerView> {
    return this.probes.resetBreaker(nodeId);
  }

  @Post('canary')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Render a test picture on the node now; if it comes out well, its circuits close' })
  @ApiOkResponse({ type: CanaryView })
  tryCanary(@Param('nodeId') nodeId: string): Promise<CanaryView> {
    return this.probes.tryCanary(nodeId);
  }
}
