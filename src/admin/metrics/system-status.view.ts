import { ApiProperty } from '@nestjs/swagger';

export class SystemLoadView {
  @ApiProperty({ example: 0.35, minimum: 0, maximum: 1 })
  cpu: number;

  @ApiProperty({ example: 0.6, minimum: 0, maximum: 1 })
  memory: number;
}

/** A2. */
export class SystemStatusView {
  @ApiProperty({ type: 'integer', example: 4 })
  total_nodes: number;

  @ApiProperty({ type: 'integer', example: 3, description: 'That answer; cordoned ones too.' })
  online_nodes: number;

  @ApiProperty({ type: 'integer', example: 1200 })
  total_tasks: number;

  @ApiProperty({ type: 'integer', example: 2 })
  running_tasks: number;

  @ApiProperty({ type: 'integer', example: 1150 })
  completed_tasks: number;

  @ApiProperty({ type: 'integer', example: 12 })
  failed_tasks: number;

  @ApiProperty({ type: SystemLoadView, description: 'Of the machine that answers.' })
  system_load: SystemLoadView;
}
