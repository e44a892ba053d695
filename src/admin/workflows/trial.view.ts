import { ApiProperty } from '@nestjs/swagger';
import { NODE_STATUSES, type NodeStatus } from '../nodes/node-view.js';

export class TrialNodeView {
  @ApiProperty({ type: String, example: 'gpu-1' }) node_id: string;
  @ApiProperty({ type: String, example: 'GPU 1' }) name: string;
  @ApiProperty({ enum: NODE_STATUSES }) status: NodeStatus;
  @ApiProperty({ type: Boolean, example: false, description: 'Online, open to work, and nothing is missing.' })
  can_run: boolean;
  @ApiProperty({ type: Boolean, example: true, description: 'False: it never said what it has.' }) is_known: boolean;
  @ApiProperty({ type: [String], example: ['the model sd15.safetensors'] }) missing: string[];
}

export class TrialRunView {
  @ApiProperty({ type: String, example: 'gpu-1' }) node_id: string;
  @ApiProperty({ type: Number, example: 3.2 }) seconds: number;
  @ApiProperty({ type: String, example: 'png, 512x512', description: 'The first picture or video that came out.' })
  picture: string;
}

export class TrialNeedsView {
  @ApiProperty({ type: [String], example: ['KSampler', 'SaveImage'] }) classes: string[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'CheckpointLoaderSimple.ckpt_name': 'sd15.safetensors' },
  })
  models: Record<string, string>;
}

/** Whether a draft can run, where, and what it would run with. */
export class TrialView {
  @ApiProperty({ type: Boolean, example: true }) can_run: boolean;
  @ApiProperty({ type: [String], example: [] }) problems: string[];
  @ApiProperty({ type: 'object', additionalProperties: true, example: { prompt: 'a lighthouse', seed: 7 } })
  values: Record<string, unknown>;
  @ApiProperty({ type: TrialNeedsView }) needs: TrialNeedsView;
  @ApiProperty({ type: [TrialNodeView] }) nodes: TrialNodeView[];
  @ApiProperty({ type: TrialRunView, nullable: true, description: 'null: it was only checked.' })
  run: TrialRunView | null;
}
