import type { GlobalTaskSummary, TaskStatus, TaskType } from '../../shared/index.js';

export interface AdminTaskView {
  task_id: string;
  client_id: string;
  task_type: TaskType;
  workflow_name: string;
  status: TaskStatus;
  prompt: string | null;
  negative_prompt: string | null;
  /** 0 to 100. */
  progress: number;
  message: string | null;
  error_message: string | null;
  node_id: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  completed_at: string | null;
  result_data: { files: string[] };
}

export interface AdminTaskListView {
  tasks: AdminTaskView[];
  total: number;
  limit: number;
  offset: number;
}

export function toAdminTaskView(task: GlobalTaskSummary): AdminTaskView {
  return {
    task_id: task.taskId,
    client_id: task.sourceUserId,
    task_type: task.taskType,
    workflow_name: task.workflowName,
    status: task.status,
    prompt: task.prompt,
    negative_prompt: task.negativePrompt,
    progress: task.progress,
    message: task.message,
    error_message: task.errorMessage,
    node_id: task.nodeId,
    created_at: task.createdAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
    started_at: task.startedAt?.toISOString() ?? null,
    completed_at: task.completedAt?.toISOString() ?? null,
    result_data: { files: task.files },
  };
}
