import { ApiProperty } from '@nestjs/swagger';

/** How a task stands with the scheduler. */
export class TaskSchedulingView {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'About the place in line, 1 being the next; 0 once it has started; null where it is not known.',
    example: 3,
  })
  position: number | null;

  @ApiProperty({
    type: String,
    description: 'Why it waits, or why it runs where it does.',
    example: 'Every node that could run it is busy.',
  })
  reason: string;
}

/**
 * Explains tasks. Whoever schedules them is another module's, which this one must not know; the application hands it
 * in (src/task-schedules.module.ts).
 */
export interface TaskSchedules {
  /** Undefined for a task that is over, or that has not come to the queue yet. */
  explain(taskId: string): Promise<TaskSchedulingView | undefined>;
}

export const TASK_SCHEDULES = Symbol('task schedules');
