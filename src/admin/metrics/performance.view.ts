import { ApiProperty } from '@nestjs/swagger';
import { METRIC_TYPES, type MetricType } from './performance-metrics.repository.js';

export class SampleView {
  @ApiProperty({ enum: METRIC_TYPES })
  metric_type: MetricType;

  @ApiProperty({ example: 'queue_depth' })
  metric_name: string;

  @ApiProperty({ example: 12 })
  value: number;

  @ApiProperty({ example: 'tasks', nullable: true, type: String })
  unit: string | null;

  @ApiProperty({ type: Object, example: { task_type: 'text_to_image' } })
  tags: Record<string, string>;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  node_id: number | null;
}

export class CurrentView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-22T10:00:00.000Z',
    description: 'The end of the minute that the samples are of; null: none was sampled in the last five minutes.',
  })
  recorded_at: string | null;

  @ApiProperty({ type: [SampleView] })
  metrics: SampleView[];
}

export class PointView {
  @ApiProperty({ example: '2026-11-22T10:00:00.000Z', description: 'Where its step begins.' })
  at: string;

  @ApiProperty({ example: 3.5 })
  avg: number;

  @ApiProperty({ example: 0 })
  min: number;

  @ApiProperty({ example: 9 })
  max: number;

  @ApiProperty({ type: 'integer', example: 5, description: 'How many minutes it is made of.' })
  samples: number;
}

export class SeriesView {
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  node_id: number | null;

  @ApiProperty({ type: Object, example: { task_type: 'text_to_image' } })
  tags: Record<string, string>;

  @ApiProperty({ type: [PointView] })
  points: PointView[];
}

export class HistoryView {
  @ApiProperty({ enum: METRIC_TYPES })
  metric_type: MetricType;

  @ApiProperty({ example: 'queue_depth' })
  metric_name: string;

  @ApiProperty({ example: '2026-11-22T09:00:00.000Z' })
  from: string;

  @ApiProperty({ example: '2026-11-22T10:00:00.000Z' })
  to: string;

  @ApiProperty({ type: 'integer', example: 300, description: 'Seconds.' })
  step: number;

  @ApiProperty({ type: [SeriesView] })
  series: SeriesView[];
}

export class MetricSummaryView {
  @ApiProperty({ enum: METRIC_TYPES })
  metric_type: MetricType;

  @ApiProperty({ example: 'queue_depth' })
  metric_name: string;

  @ApiProperty({ example: 'tasks', nullable: true, type: String })
  unit: string | null;

  @ApiProperty({ example: 0 })
  min: number;

  @ApiProperty({ example: 3.5 })
  avg: number;

  @ApiProperty({ example: 12 })
  max: number;

  @ApiProperty({ example: 11 })
  p95: number;

  @ApiProperty({ type: 'integer', example: 1440 })
  samples: number;
}

export class SummaryView {
  @ApiProperty({ example: '2026-11-21T10:00:00.000Z' })
  from: string;

  @ApiProperty({ example: '2026-11-22T10:00:00.000Z' })
  to: string;

  @ApiProperty({ type: [MetricSummaryView] })
  metrics: MetricSummaryView[];
}
