import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Needs } from '../auth/admin.guard.js';
import { NodeRegistrationsService } from './node-registrations.service.js';
import { NodeSpeakerGuard, SpokenBy, type Speaker } from './node-speaker.guard.js';
import { HeartbeatDto, RegisterNodeDto } from './register-node.dto.js';
import { HeartbeatView, RegisteredNodeView } from './registered.view.js';

/** What nodes say of themselves, or an admin for them. */
@ApiTags('nodes')
@ApiBearerAuth()
@UseGuards(NodeSpeakerGuard)
@Controller('api/nodes')
export class NodeRegistrationsController {
  constructor(private readonly registrations: NodeRegistrationsService) {}

  @Post('register')
  @Needs('nodes.change')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Register a node, or tell where a known one is now',
    description:
      "By an admin's token, or by the node's own, which the first registration by an admin answers once. " +
      'Repeated, it changes nothing. By its own token a node moves only to the address it calls from, and its ' +
      'max_concurrent and metadata.priority stay. A node is online once we have seen it ourselves, within seconds.',
  })
  @ApiOkResponse({ type: RegisteredNodeView })
  @ApiForbiddenResponse({ description: 'The token is not this node’s, or the node would move to another host.' })
  @ApiConflictResponse({ description: 'The address is another node’s, or changes while work is open at the old one.' })
  register(@SpokenBy() speaker: Speaker, @Body() request: RegisterNodeDto): Promise<RegisteredNodeView> {
    return this.registrations.register(speaker, request);
  }

  @Post('heartbeat')
  @Needs('nodes.operate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that a node is there, and how busy it is; its status is for our own look to say' })
  @ApiOkResponse({ type: HeartbeatView })
  beat(@SpokenBy() speaker: Speaker, @Body() request: HeartbeatDto): Promise<HeartbeatView> {
    return this.registrations.beat(speaker, request);
  }
}
