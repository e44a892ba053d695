import { Body, Controller, Get, Param, Patch, Post, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { NodeDetailView } from './node-detail.view.js';
import { AddNodeDto, ChangeNodeDto } from './node-edits.dto.js';
import { NodeEditsService } from './node-edits.service.js';

/** Single nodes, as their page shows them. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin/nodes')
export class NodeEditsController {
  constructor(private readonly nodes: NodeEditsService) {}

  @Post()
  @Needs('nodes.change')
  @ApiOperation({ summary: 'Add a node by its address; it is online once we have seen it, within seconds' })
  @ApiCreatedResponse({ type: NodeDetailView })
  @ApiConflictResponse({ description: 'The id or the address is registered already.' })
  add(@Body() request: AddNodeDto): Promise<NodeDetailView> {
    return this.nodes.add(request);
  }

  @Get(':nodeId')
  @Needs('nodes.read')
  @ApiOperation({ summary: 'A node with what it can do, what it runs now, and how its latest attempts went' })
  @ApiOkResponse({ type: NodeDetailView })
  @ApiNotFoundResponse({ description: 'No such node.' })
  get(@Param('nodeId') nodeId: string): Promise<NodeDetailView> {
    return this.nodes.get(nodeId);
  }

  @Patch(':nodeId')
  @Needs('nodes.change')
  @ApiOperation({ summary: 'Change a node; what is left out stays' })
  @ApiOkResponse({ type: NodeDetailView })
  @ApiNotFoundResponse({ description: 'No such node.' })
  @ApiConflictResponse({
    description:
      'Somebody changed it since `version`, or the address is another node’s, or work is open at the old one.',
  })
  change(@Param('nodeId') nodeId: string, @Body() request: ChangeNodeDto): Promise<NodeDetailView> {
    return this.nodes.change(nodeId, request);
  }
}
