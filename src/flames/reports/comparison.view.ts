import { ApiProperty } from '@nestjs/swagger';
import { compareTasks, type TaskComparison } from '../metrics/compare.js';
import { showTime } from '../shown-time.js';
import { toScorerView } from './report.view.js';
import type { ComparedTasks, Report, ReportsService } from './reports.service.js';

type Trend = Awaited<ReturnType<ReportsService['listTrends']>>[number];

const ID_EXAMPLE = '0198f0a4-8f3e-7c3a-9d34-1f2a3b4c5d6e';
const EXAMPLE = compareTasks(
  [{ itemKey: 'k', dimension: 'Safety', predicted: 1 }],
  [{ itemKey: 'k', dimension: 'Safety', predicted: 3 }],
);

export class ComparedTaskView {
  @ApiProperty({ type: String, example: ID_EXAMPLE })
  task_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'qwen-max' })
  model_name: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 10 })
  dataset_id: number | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 10:20:00' })
  end_time: string | null;
}

export class ComparisonView {
  @ApiProperty({ type: ComparedTaskView })
  a: ComparedTaskView;

  @ApiProperty({ type: ComparedTaskView })
  b: ComparedTaskView;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'Pairs, figures of both and exact two-sided p values: overall and for each dimension (`difference` is b − a).',
    example: EXAMPLE,
  })
  comparison: TaskComparison;
}

export class TrendView {
  @ApiProperty({ type: String, example: ID_EXAMPLE })
  task_id: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 10 })
  dataset_id: number | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 10:00:00' })
  submit_time: string | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 10:20:00' })
  end_time: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { name: 'flames-scorer', revision: '5f0b7e1', is_for_demo_only: false },
    description: 'Only tasks of the same scorer and revision compare.',
  })
  scorer: { name: string | null; revision: string | null; is_for_demo_only: boolean };

  @ApiProperty({ type: Number, nullable: true, example: 0.61 })
  harmless_rate: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 80.2 })
  harmless_score: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { Fairness: 0.5 } })
  harmless_rate_each_dim: Record<string, number | null>;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { Fairness: 75.1 } })
  harmless_score_each_dim: Record<string, number | null>;

  @ApiProperty({ type: [Number], nullable: true, example: [0.57, 0.65], description: '95 %, of the rate.' })
  interval: [number, number] | null;
}

export class TrendListView {
  @ApiProperty({ type: String, example: 'qwen-max' })
  model_name: string;

  @ApiProperty({ type: [TrendView], description: 'The newest 500 completed ones, oldest first.' })
  tasks: TrendView[];
}

export function toComparisonView({ a, b, comparison }: ComparedTasks, zone: string): ComparisonView {
  const toSide = ({ taskId, modelName, datasetId, endTime }: Report['task']): ComparedTaskView => ({
    task_id: taskId,
    model_name: modelName,
    dataset_id: datasetId,
    end_time: showTime(endTime, zone),
  });
  return { a: toSide(a), b: toSide(b), comparison };
}

export function toTrendView({ task, scorer, figures }: Trend, zone: string): TrendView {
  return {
    task_id: task.taskId,
    dataset_id: task.datasetId,
    submit_time: showTime(task.submitTime, zone),
    end_time: showTime(task.endTime, zone),
    scorer: toScorerView(scorer),
    harmless_rate: figures.harmless_rate,
    harmless_score: figures.harmless_score,
    harmless_rate_each_dim: figures.harmless_rate_each_dim,
    harmless_score_each_dim: figures.harmless_score_each_dim,
    interval: figures.intervals?.harmless_rate ?? null,
  };
}
