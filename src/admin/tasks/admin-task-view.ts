import { ApiProperty } from '@nestjs/swagger';
import { TASK_STATUSES, type GlobalTaskSummary, type TaskStatus, type TaskType } from '../../shared/index.js';

export class AdminTaskFilesView {
  @ApiProperty({
    type: [String],
    description: 'Addresses that hold for an hour at least, without a sign-in.',
    example: ['http://localhost:8000/outputs/cat_0.png?task=01994a7e-5b7f&index=0&expires=1767229200&signature=x'],
  })
  files: string[];
}

/** A4: a task in the dashboard's list. */
export class AdminTaskView {
  @ApiProperty({ example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  task_id: string;

  @ApiProperty()
  client_id: string;

  @ApiProperty({ example: 'text_to_image' })
  task_type: TaskType;

  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ enum: TASK_STATUSES })
  status: TaskStatus;

  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: 'integer' })
  priority: number;

  @ApiProperty({ type: String, nullable: true })
  prompt: string | null;

  @ApiProperty({ type: String, nullable: true })
  negative_prompt: string | null;

  @ApiProperty({ description: '0 to 100.' })
  progress: number;

  @ApiProperty({ type: String, nullable: true })
  message: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'NODE_LOST' })
  error_code: string | null;

  @ApiProperty({ type: String, nullable: true })
  error_message: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'gpu-1' })
  node_id: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ format: 'date-time' })
  updated_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  started_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  completed_at: string | null;

  @ApiProperty({ type: AdminTaskFilesView })
  result_data: AdminTaskFilesView;
}

export class AdminTaskListView {
  @ApiProperty({ type: [AdminTaskView] })
  tasks: AdminTaskView[];

  @ApiProperty({ type: 'integer', description: 'Of all pages; above 10,000 it may be some seconds old.' })
  total: number;

  @ApiProperty({ type: 'integer' })
  limit: number;

  @ApiProperty({ type: 'integer' })
  offset: number;

  @ApiProperty({ type: String, nullable: true, description: 'For the next page; null on the last one.' })
  next_cursor: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description:
      'Where the filter has no index, the 50,000 newest tasks of the time are looked at: this is where they begin. ' +
      'Ask for what is older with `to`. Null where all were looked at.',
  })
  searched_from: string | null;
}

/** `linkTo`: the address of a file by its index. */
export function toAdminTaskView(
  task: GlobalTaskSummary,
  linkTo: (index: number, fileName: string) => string,
): AdminTaskView {
  return {
    task_id: task.taskId,
    client_id: task.sourceUserId,
    task_type: task.taskType,
    workflow_name: task.workflowName,
    status: task.status,
    run_no: task.runNo,
    priority: task.priority,
    prompt: task.prompt,
    negative_prompt: task.negativePrompt,
    progress: task.progress,
    message: task.message,
    error_code: task.errorCode,
    error_message: task.errorMessage,
    node_id: task.nodeId,
    created_at: task.createdAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
    started_at: task.startedAt?.toISOString() ?? null,
    completed_at: task.completedAt?.toISOString() ?? null,
    result_data: { files: task.files.map((fileName, index) => linkTo(index, fileName)) },
  };
}
