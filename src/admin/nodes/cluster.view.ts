import { ApiProperty } from '@nestjs/swagger';

export class ClusterStatsView {
  @ApiProperty({ type: 'integer', example: 4 })
  total_nodes: number;

  @ApiProperty({ type: 'integer', example: 3, description: 'That answer; cordoned ones too.' })
  online_nodes: number;

  @ApiProperty({ type: 'integer', description: 'Prompts on nodes that are online, ours and others’.' })
  current_load: number;

  @ApiProperty({ example: 37.5 })
  load_percentage: number;

  @ApiProperty({
    type: Object,
    example: { online: 3, offline: 1, busy: 0, error: 0, maintenance: 0 },
    description: '`maintenance`: cordoned, whether or not they answer.',
  })
  nodes_by_status: Record<string, number>;

  @ApiProperty({ type: 'integer', description: 'What the load percentage refers to.' })
  max_concurrent: number;

  @ApiProperty({ type: 'integer', description: 'Of all nodes that are online.' })
  gpu_memory_bytes: number;

  @ApiProperty({ type: 'integer' })
  queued_tasks: number;

  @ApiProperty({ type: 'integer' })
  running_tasks: number;
}

export class LoadBalancerView {
  @ApiProperty({ example: 'least_loaded' })
  strategy: string;

  @ApiProperty({ type: 'integer', description: 'Prompts that a node holds at most: one that runs and the next.' })
  prompts_per_node: number;

  @ApiProperty({ type: 'integer' })
  running_per_user: number;

  @ApiProperty({ type: 'integer' })
  max_attempts: number;

  @ApiProperty()
  health_check_seconds: number;

  @ApiProperty()
  lost_after_seconds: number;
}
