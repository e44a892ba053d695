import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { SettingType } from './setting-values.js';

const TYPES = ['string', 'int', 'float', 'boolean', 'json'];
export const SETTING_SOURCES = ['default', 'file', 'database'] as const;
export type SettingSource = (typeof SETTING_SOURCES)[number];

/** A setting as it counts now, and where that comes from. */
export class SettingView {
  @ApiProperty({ type: String, example: 'limits.queued_per_user' }) key: string;
  @ApiProperty({ type: Object, example: 200, nullable: true, description: 'What counts now.' }) value: unknown;
  @ApiProperty({ type: Object, example: 500, nullable: true, description: 'What counts without a stored value.' })
  default: unknown;
  @ApiProperty({ enum: SETTING_SOURCES, nullable: true, description: '`file`: config.yaml or the environment.' })
  source: SettingSource | null;
  @ApiProperty({ enum: TYPES }) type: SettingType;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
    description: 'What it may hold, as JSON Schema.',
  })
  schema: Record<string, unknown> | null;
  @ApiProperty({ type: String, nullable: true, example: 'Tasks of one user that may wait.' }) description:
    string | null;
  @ApiProperty({ enum: ['at once'], nullable: true, description: 'When a change counts: within seconds, everywhere.' })
  effect: 'at once' | null;
  @ApiProperty({ type: Boolean, example: true }) is_public: boolean;
  @ApiProperty({
    type: Boolean,
    example: false,
    description: 'Left by an older installation: nothing reads it, and its value is not shown.',
  })
  unknown: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the stored value does not count, where it does not.',
  })
  problem: string | null;
  @ApiProperty({ type: 'integer', example: 3, description: '`expected_version` of the next change; 0: never changed.' })
  version: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:00.000Z' })
  updated_at: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'ada' }) updated_by: string | null;
}

export class SettingListView {
  @ApiProperty({ type: [SettingView] }) settings: SettingView[];
  @ApiProperty({ type: 'integer', example: 35 }) total: number;
}

/** One change, from the audit log; as long ago as that is kept. */
export class SettingChangeView {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) changed_at: string;
  @ApiProperty({ type: String, example: 'ada' }) changed_by: string;
  @ApiProperty({ type: Object, example: 500, nullable: true }) value_before: unknown;
  @ApiProperty({ type: Object, example: 200, nullable: true }) value_after: unknown;
  @ApiProperty({ type: Boolean, example: false, description: 'It was set back to its default.' }) is_reset: boolean;
  @ApiProperty({ type: 'integer', example: 3, nullable: true }) version: number | null;
}

export class SettingHistoryView extends PageView {
  @ApiProperty({ type: [SettingChangeView] }) changes: SettingChangeView[];
}
