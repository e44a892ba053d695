import { ApiProperty } from '@nestjs/swagger';
import { SkippedView } from './dead-letter.view.js';

export class CancelledView {
  @ApiProperty({ example: 'The task is being cancelled.' })
  message: string;

  @ApiProperty({ example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  task_id: string;

  @ApiProperty({ description: 'It was wished before; nothing was done now.' })
  is_repeated: boolean;
}

export class CancelledManyView {
  @ApiProperty({ type: [String], description: 'Tasks whose cancel is wished now.' })
  cancelled: string[];

  @ApiProperty({ type: [String], description: 'Their cancel was wished before; nothing was done now.' })
  repeated: string[];

  @ApiProperty({ type: [SkippedView] })
  skipped: SkippedView[];

  @ApiProperty({
    type: 'integer',
    description: 'Tasks of this kind behind those that this call came to; from some 10,000 on: at least so many.',
  })
  remaining: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'For the next call, to go on behind them; null: all done.',
  })
  next_cursor: string | null;
}

export class RequeuedView {
  @ApiProperty({ example: 'The task is taken back from gpu-1.' })
  message: string;

  @ApiProperty()
  task_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'gpu-1' })
  node_id: string | null;
}

export class PriorityView {
  @ApiProperty()
  task_id: string;

  @ApiProperty({ type: 'integer' })
  priority: number;
}
