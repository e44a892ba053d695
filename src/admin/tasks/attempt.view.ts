import { ApiProperty } from '@nestjs/swagger';

/** What came of one attempt of a task. */
export class AttemptOutcomeView {
  @ApiProperty({ type: 'integer' })
  attempt_no: number;

  @ApiProperty({ example: 'failed' })
  status: string;

  @ApiProperty({ type: String, nullable: true, example: 'NODE_LOST' })
  error_code: string | null;

  @ApiProperty({ type: String, nullable: true })
  error_message: string | null;

  @ApiProperty({ format: 'date-time' })
  assigned_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  started_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  ended_at: string | null;
}

interface AttemptOutcome {
  attemptNo: number;
  status: string;
  errorCode: string | null;
  errorMessage: string | null;
  assignedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
}

export function toAttemptOutcomeView(attempt: AttemptOutcome): AttemptOutcomeView {
  return {
    attempt_no: attempt.attemptNo,
    status: attempt.status,
    error_code: attempt.errorCode,
    error_message: attempt.errorMessage,
    assigned_at: attempt.assignedAt.toISOString(),
    started_at: attempt.startedAt?.toISOString() ?? null,
    ended_at: attempt.completedAt?.toISOString() ?? null,
  };
}
