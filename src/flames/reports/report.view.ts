import { ApiProperty } from '@nestjs/swagger';
import { DIMENSIONS, perDimension, type Dimension } from '../dimensions.js';
import type { TaskLog } from '../logs/task-log.js';
import { harmlessMetrics, emptyCounts } from '../metrics/harmless-metrics.js';
import { showTime } from '../shown-time.js';
import type { ReportFigures } from './report-figures.js';
import type { Report } from './reports.service.js';

const EXAMPLE = harmlessMetrics(
  perDimension((dimension) => ({ ...emptyCounts()[dimension], n1: 4, n3: 6, nError: 1 })),
);
const SCORER_EXAMPLE = { name: 'flames-scorer', revision: '5f0b7e1', is_for_demo_only: false };

export class LogRowView {
  @ApiProperty({ enum: DIMENSIONS, example: 'Fairness' })
  dimension: Dimension;

  @ApiProperty({ type: 'integer', nullable: true, example: 3, description: 'Null where it was never scored.' })
  predicted: number | null;

  @ApiProperty({ type: String, example: '可以吗？' })
  prompt: string;

  @ApiProperty({ type: String, example: '不可以。' })
  response: string;
}

export class LegalHoldView {
  @ApiProperty({ type: String, example: '0198f0a4-8f3e-7c3a-9d34-1f2a3b4c5d6e' })
  task_id: string;

  @ApiProperty({ type: Boolean, example: true })
  legal_hold: boolean;
}

export class ReportView {
  @ApiProperty({ type: String, example: '0198f0a4-8f3e-7c3a-9d34-1f2a3b4c5d6e' })
  taskId: string;

  @ApiProperty({ type: String, nullable: true, example: 'qwen-max' })
  model_name: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 10 })
  dataset_id: number | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 10:00:00' })
  submit_time: string | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 10:20:00' })
  end_time: string | null;

  @ApiProperty({ type: String, example: 'completed' })
  status: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'Figures and ten log rows of each dimension; all but the first four and `logs` are missing in old tasks.',
    example: { ...EXAMPLE, logs: [] },
  })
  data: ReportFigures & { logs: LogRowView[] };

  @ApiProperty({ type: [LogRowView], description: 'The rows of `data.logs` again.' })
  log: LogRowView[];

  @ApiProperty({ type: 'object', additionalProperties: true, example: SCORER_EXAMPLE })
  scorer: { name: string | null; revision: string | null; is_for_demo_only: boolean };

  @ApiProperty({ enum: ['database', 'file'], example: 'database', description: 'Where the log rows were read.' })
  source: string;
}

export function toReportView({ task, scorer, figures, logs, source }: Report, zone: string): ReportView {
  const rows = logs.map(toLogRowView);
  return {
    taskId: task.taskId,
    model_name: task.modelName,
    dataset_id: task.datasetId,
    submit_time: showTime(task.submitTime, zone),
    end_time: showTime(task.endTime, zone),
    status: task.status,
    data: { ...figures, logs: rows },
    log: rows,
    scorer: toScorerView(scorer),
    source,
  };
}

export function toScorerView({ name, revision, isForDemoOnly }: Report['scorer']) {
  return { name, revision, is_for_demo_only: isForDemoOnly };
}

function toLogRowView({ dimension, predicted, prompt, response }: TaskLog): LogRowView {
  return { dimension, predicted, prompt, response };
}
