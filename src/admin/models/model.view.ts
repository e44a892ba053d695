import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import { MODEL_TYPES, type ModelType } from './seen-models.js';

/** A model file, and where it is. */
export class ModelView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '12',
    description: 'null: seen, and recorded by the next sync.',
  })
  id: string | null;
  @ApiProperty({ type: String, example: 'majicmixRealistic_v7.safetensors' }) name: string;
  @ApiProperty({ type: String, nullable: true, example: 'Majicmix 7' }) display_name: string | null;
  @ApiProperty({ enum: MODEL_TYPES }) type: ModelType;
  @ApiProperty({ type: String, example: 'SD/majicmixRealistic_v7.safetensors' }) path: string;
  @ApiProperty({ type: String, nullable: true, example: 'Portraits' }) description: string | null;
  @ApiProperty({ type: [String], example: ['realistic'] }) tags: string[];
  @ApiProperty({ type: String, nullable: true, example: 'SD 1.5' }) base_model: string | null;
  @ApiProperty({ type: Boolean, example: true, description: 'Noted only, for people: submits are not held to it.' })
  is_enabled: boolean;
  @ApiProperty({ type: [String], example: ['gpu-1'] }) nodes: string[];
  @ApiProperty({ type: [String], example: ['gpu-2'], description: 'Nodes that told what they have, and lack it.' })
  missing_on: string[];
  @ApiProperty({ type: [String], example: ['sd_basic'], description: 'Published workflows that name it.' })
  workflows: string[];
  @ApiProperty({ type: 'integer', example: 40, description: 'Tasks that name it, as of the last sync.' })
  usage_count: number;
  @ApiProperty({ type: 'integer', example: 1, description: 'To be named by a change.' }) revision: number;
}

export class ModelListView extends PageView {
  @ApiProperty({ type: [ModelView] }) models: ModelView[];
}
