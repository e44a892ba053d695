import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { NODE_STATUSES, type NodeStatus } from './node-view.js';

export class RegisteredNodeView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ enum: NODE_STATUSES, description: 'As we last saw the node: offline until we have looked at it.' })
  status: NodeStatus;

  @ApiProperty({ example: true })
  is_new: boolean;

  @ApiPropertyOptional({ example: 'cwsn_gpu-1~…', description: "The node's own token, shown this once." })
  node_token?: string;
}

export class HeartbeatView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ enum: NODE_STATUSES })
  status: NodeStatus;

  @ApiProperty({ description: 'Whether it is given no new work, by an operator.' })
  is_cordoned: boolean;
}

export class NodeTokenView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ example: 'cwsn_gpu-1~…' })
  node_token: string;
}

export class CordonView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty()
  is_cordoned: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When what it still has goes to others.',
  })
  drain_until: string | null;

  @ApiProperty({ type: 'integer', description: 'Prompts of ours that it still has: 0 when it is drained.' })
  open_prompts: number;
}
