import { Body, Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { ClusterService } from './cluster.service.js';
import { ClusterStatsView, LoadBalancerView } from './cluster.view.js';
import { DrainNodeDto } from './drain-node.dto.js';
import { NodeCordonsService } from './node-cordons.service.js';
import { NodeTokensService } from './node-tokens.service.js';
import { NodesService } from './nodes.service.js';
import { CordonView, NodeTokenView } from './registered.view.js';

/** The fleet as the dashboard shows it, and what an operator does with it. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller()
export class NodesController {
  constructor(
    private readonly nodes: NodesService,
    private readonly cluster: ClusterService,
    private readonly cordons: NodeCordonsService,
    private readonly tokens: NodeTokensService,
  ) {}

  @Get('admin/nodes')
  @Needs('nodes.read')
  list() {
    return this.nodes.listItems();
  }

  @Get('api/nodes')
  @Needs('nodes.read')
  getCluster() {
    return this.nodes.getCluster();
  }

  @Get('api/cluster/stats')
  @Needs('nodes.read')
  @ApiOkResponse({ type: ClusterStatsView })
  getStats(): Promise<ClusterStatsView> {
    return this.cluster.getStats();
  }

  @Get('api/load-balancer/config')
  @Needs('nodes.read')
  @ApiOkResponse({ type: LoadBalancerView })
  getLoadBalancer(): LoadBalancerView {
    return this.cluster.getLoadBalancer();
  }

  @Delete('api/nodes/:nodeId')
  @Needs('nodes.change')
  @ApiOperation({ summary: 'Take a node out of the fleet; what it was running goes to other nodes' })
  @ApiOkResponse({ schema: { example: { message: 'gpu-1 is removed.' } } })
  @ApiNotFoundResponse({ description: 'No such node.' })
  async remove(@Param('nodeId') nodeId: string): Promise<{ message: string }> {
    await this.nodes.remove(nodeId);
    return { message: `${nodeId} is removed.` };
  }

  @Post('api/nodes/:nodeId/cordon')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the node no new work; what it has goes on' })
  @ApiOkResponse({ type: CordonView })
  cordon(@Param('nodeId') nodeId: string): Promise<CordonView> {
    return this.cordons.cordon(nodeId);
  }

  @Post('api/nodes/:nodeId/uncordon')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the node new work again' })
  @ApiOkResponse({ type: CordonView })
  uncordon(@Param('nodeId') nodeId: string): Promise<CordonView> {
    return this.cordons.uncordon(nodeId);
  }

  @Post('api/nodes/:nodeId/drain')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cordon the node, and give what it still has at a deadline to others; asked again, it tells how far it is',
  })
  @ApiOkResponse({ type: CordonView })
  drain(@Param('nodeId') nodeId: string, @Body() { deadline_seconds: seconds }: DrainNodeDto): Promise<CordonView> {
    return this.cordons.drain(nodeId, seconds);
  }

  @Post('api/nodes/:nodeId/token')
  @Needs('nodes.change')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the node a new token of its own; the one before holds no more' })
  @ApiOkResponse({ type: NodeTokenView })
  async renewToken(@Param('nodeId') nodeId: string): Promise<NodeTokenView> {
    return { node_id: nodeId, node_token: await this.tokens.renew(nodeId) };
  }
}
