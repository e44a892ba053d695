import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { DeadLetter, DeadLetterAttempt } from '../../shared/index.js';
import { AttemptOutcomeView, toAttemptOutcomeView } from './attempt.view.js';

export class DeadLetterAttemptView extends AttemptOutcomeView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;
}

export class DeadLetterView {
  @ApiProperty()
  task_id: string;

  @ApiProperty()
  client_id: string;

  @ApiProperty({ example: 'text_to_image' })
  task_type: string;

  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ type: 'integer' })
  workflow_version: number;

  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: String, nullable: true })
  prompt: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'POISON' })
  error_code: string | null;

  @ApiProperty({ type: String, nullable: true })
  error_message: string | null;

  @ApiProperty({ type: 'integer' })
  attempt_count: number;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  failed_at: string | null;

  @ApiProperty({ type: [DeadLetterAttemptView] })
  attempts: DeadLetterAttemptView[];
}

export class DeadLetterListView extends PageView {
  @ApiProperty({ type: [DeadLetterView] })
  tasks: DeadLetterView[];
}

export class RedrivenView {
  @ApiProperty()
  task_id: string;

  @ApiProperty({ type: 'integer', description: 'The new run.' })
  run_no: number;

  @ApiProperty({ description: 'The run was begun before; nothing was done now.' })
  is_repeated: boolean;
}

export class SkippedView {
  @ApiProperty()
  task_id: string;

  @ApiProperty({ example: 'The task is queued.' })
  reason: string;
}

export class RedrivenManyView {
  @ApiProperty({ type: [RedrivenView] })
  redriven: RedrivenView[];

  @ApiProperty({ type: [SkippedView] })
  skipped: SkippedView[];

  @ApiProperty({ type: 'integer', description: 'Dead letters of this kind that this call did not come to.' })
  remaining: number;
}

export function toDeadLetterView(letter: DeadLetter): DeadLetterView {
  return {
    task_id: letter.taskId,
    client_id: letter.sourceUserId,
    task_type: letter.taskType,
    workflow_name: letter.workflowName,
    workflow_version: letter.workflowVersion,
    run_no: letter.runNo,
    prompt: letter.prompt,
    error_code: letter.errorCode,
    error_message: letter.errorMessage,
    attempt_count: letter.attemptCount,
    created_at: letter.createdAt.toISOString(),
    failed_at: letter.failedAt?.toISOString() ?? null,
    attempts: letter.attempts.map(toAttemptView),
  };
}

function toAttemptView(attempt: DeadLetterAttempt): DeadLetterAttemptView {
  return { ...toAttemptOutcomeView(attempt), node_id: attempt.nodeId };
}
